package io.culvert.cli;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert help [COMMAND]}: a manual page. */
@Command(name = "help")
final class HelpCommand implements Callable<Integer> {
    private static final Set<String> WITHOUT_PAGE = Set.of("help", "version");

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Parameters(arity = "0..*", paramLabel = "COMMAND")
    private List<String> commands = List.of();

    @Override
    public Integer call() {
        String page = isHelpWanted || commands.isEmpty() ? "culvert" : commands.get(0);
        if (commands.size() > 1 && !isHelpWanted) {
            Complaint.print(
                    command.commandLine().getErr(),
                    "help takes one command or none, not \"" + commands.get(1) + "\" as well");
            return ExitStatus.USAGE;
        }
        boolean isCommand = command.parent().subcommands().containsKey(page);
        if (isCommand && !WITHOUT_PAGE.contains(page)) {
            Manual.print(command.commandLine().getOut(), page);
            return ExitStatus.OK;
        }
        if (!isCommand && !page.equals("culvert")) {
            Complaint.print(
                    command.commandLine().getErr(),
                    Culvert.unknownCommand(page, command.parent().subcommands().keySet()));
            return ExitStatus.USAGE;
        }
        Manual.print(command.commandLine().getOut(), "culvert");
        return ExitStatus.OK;
    }
}
