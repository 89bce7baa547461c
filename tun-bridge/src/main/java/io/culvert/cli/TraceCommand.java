package io.culvert.cli;

import io.culvert.attach.AttachClient;
import io.culvert.attach.AttachException;
import io.culvert.attach.RunningCulvert;
import io.culvert.control.WordsException;
import io.culvert.observe.TraceOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert trace}: both sides of the packets of running tunnels. */
@Command(name = "trace")
final class TraceCommand implements Callable<Integer> {
    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = {"-v", "--verbose"})
    private boolean isTreeWanted;

    @Option(names = {"-x", "--hex"})
    private boolean isHexWanted;

    @Option(names = "--json")
    private boolean isJsonWanted;

    @Option(names = "--drops")
    private boolean isDropsOnly;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "number")
    private Long count;

    @Option(names = "--sample", paramLabel = "share such as 1/100")
    private String sample = "1/1";

    @Option(names = "--inner", paramLabel = "filter")
    private String innerFilter;

    @Option(names = "--outer", paramLabel = "filter")
    private String outerFilter;

    @Option(
            names = {"-s", "--snaplen"},
            paramLabel = "number of bytes")
    private Integer snapBytes;

    @Option(
            names = {"-w", "--write"},
            paramLabel = "file")
    private String file;

    @Option(names = "--pid", paramLabel = "process number")
    private Long pid;

    @Option(names = "--control", paramLabel = "directory")
    private String control;

    @Parameters(arity = "0..*", paramLabel = "TUNNEL")
    private List<String> tunnels = List.of();

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        if (isHelpWanted || tunnels.contains("help")) {
            Manual.print(out, "trace");
            return ExitStatus.OK;
        }
        try {
            TraceWishes wishes = wishes();
            AttachClient client = new AttachClient(ControlOptions.directory(control));
            return new TraceRun(wishes, out, err).run(() -> find(client, err));
        } catch (WordsException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        }
    }

    /** The process that has the first tunnel, and so all that are named. */
    private RunningCulvert find(AttachClient client, PrintWriter err) throws AttachException {
        String first = tunnels.isEmpty() ? null : tunnels.get(0);
        RunningCulvert culvert = client.find(first, pid);
        if (first != null && pid == null) {
            OtherNamespace.say(err, first, culvert);
        }
        return culvert;
    }

    private TraceWishes wishes() {
        require(count == null || count > 0, "--count", "1 or more packets");
        require(
                snapBytes == null || snapBytes >= 0 && snapBytes <= TraceOptions.MOST_SNAP_BYTES,
                "--snaplen",
                "0 to " + TraceOptions.MOST_SNAP_BYTES + " bytes");
        boolean isForFile = file != null && (isJsonWanted || isTreeWanted || isHexWanted);
        if (isForFile) {
            throw new WordsException(
                    "\"--write\" makes a capture file: leave out --json, --verbose and --hex");
        }
        return new TraceWishes(
                tunnels,
                innerFilter,
                outerFilter,
                snapBytes,
                sampleOneIn(),
                isDropsOnly,
                count == null ? 0 : count,
                file,
                new TraceWishes.Form(isJsonWanted, isTreeWanted, isHexWanted));
    }

    /** {@code 1/N}, or N. */
    private int sampleOneIn() {
        String text = sample.startsWith("1/") ? sample.substring(2) : sample;
        boolean isNumber = text.matches("[1-9][0-9]{0,8}");
        require(isNumber, "--sample", "1/2 to 1/999999999");
        return Integer.parseInt(text);
    }

    private static void require(boolean isSensible, String option, String range) {
        if (!isSensible) {
            throw new WordsException("\"" + option + "\" takes " + range);
        }
    }
}
