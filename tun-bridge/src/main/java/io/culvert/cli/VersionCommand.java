package io.culvert.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert version}: what runs here, in one line. */
@Command(name = "version")
final class VersionCommand implements Callable<Integer> {
    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Override
    public Integer call() {
        if (isHelpWanted) { // it has no page of its own
            Manual.print(command.commandLine().getOut(), "culvert");
        } else {
            print(command.commandLine().getOut());
        }
        return ExitStatus.OK;
    }

    static void print(PrintWriter out) {
        out.printf(
                "culvert %s (Java %s, Linux %s, %s)%n",
                version(),
                System.getProperty("java.version"),
                System.getProperty("os.version"),
                System.getProperty("os.arch"));
        out.flush();
    }

    /** The version that the jar was built as; without a jar it is being developed. */
    static String version() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
