package io.culvert.cli;

import io.culvert.control.NearestWord;
import io.culvert.control.RunningTunnels;
import io.culvert.control.TunnelWords;
import io.culvert.control.Tunnels;
import io.culvert.control.WordsException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code culvert} command. */
@Command(name = "culvert")
public final class Culvert implements Callable<Integer> {
    /** Where they may follow a word: -v is what one adds to the command before. */
    private static final List<String> OPTIONS_ANYWHERE =
            List.of("capture", "decap", "doctor", "explain", "encap", "replay", "stats", "trace");

    private static final String TO_ADD = "culvert run NAME mode gre remote ADDR makes a tunnel";
    private static final String TO_SHOW = "culvert stats shows the tunnels that run";
    private static final String TO_DELETE = "a tunnel ends with the culvert run that made it";

    /** What those type first who come from ip(8). */
    private static final Map<String, String> WORDS_OF_IP =
            Map.of(
                    "tunnel", TO_ADD,
                    "link", TO_ADD,
                    "add", TO_ADD,
                    "show", TO_SHOW,
                    "list", TO_SHOW,
                    "del", TO_DELETE,
                    "delete", TO_DELETE);

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = {"-V", "--version"})
    private boolean isVersionWanted;

    /** Runs the command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        // one line per event on stderr, as every other message of a command
        System.getProperties()
                .putIfAbsent("java.util.logging.SimpleFormatter.format", "culvert: %5$s%6$s%n");
        runAndExit(arguments, Tunnels::open);
    }

    /** As {@link #main}, with tunnels from elsewhere. */
    static void runAndExit(String[] arguments, RunningTunnels.Opener opener) {
        var out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, false, StandardCharsets.UTF_8);
        System.exit(run(List.of(arguments), out, err, opener));
    }

    /**
     * Runs the command.
     *
     * @param opener opens the tunnels of {@code culvert run}
     * @return the exit status
     */
    static int run(
            List<String> arguments,
            PrintWriter out,
            PrintWriter err,
            RunningTunnels.Opener opener) {
        CommandLine culvert =
                new CommandLine(new Culvert())
                        .addSubcommand(new RunCommand(opener))
                        .addSubcommand(new ExplainCommand())
                        .addSubcommand(new BenchCommand())
                        .addSubcommand(new StatsCommand())
                        .addSubcommand(new TraceCommand())
                        .addSubcommand(new DoctorCommand())
                        .addSubcommand(new CaptureCommand())
                        .addSubcommand(new DecapCommand())
                        .addSubcommand(new EncapCommand())
                        .addSubcommand(new ReplayCommand())
                        .addSubcommand(new VersionCommand())
                        .addSubcommand(new HelpCommand())
                        .setOut(out)
                        .setErr(err)
                        // A tunnel's words are not options: nothing after the first one is touched.
                        .setStopAtPositional(true)
                        .setExpandAtFiles(false)
                        .setInterpolateVariables(false)
                        .setParameterExceptionHandler((e, words) -> complain(err, e))
                        .setExecutionExceptionHandler((e, failed, parsed) -> reportBug(err, e));
        OPTIONS_ANYWHERE.forEach(
                name -> culvert.getSubcommands().get(name).setStopAtPositional(false));
        return culvert.execute(arguments.toArray(String[]::new));
    }

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        if (isVersionWanted) {
            VersionCommand.print(out);
            return ExitStatus.OK;
        }
        if (isHelpWanted) {
            Manual.print(out, "culvert");
            return ExitStatus.OK;
        }
        Complaint.print(
                command.commandLine().getErr(),
                "a command is needed: "
                        + String.join(", ", command.subcommands().keySet())
                        + " (see culvert --help)");
        return ExitStatus.USAGE;
    }

    /** The sentence about a command that is not known. */
    static String unknownCommand(String text, Collection<String> known) {
        String ofIp = WORDS_OF_IP.get(text);
        return ofIp == null
                ? unknown("command", text, known, "culvert")
                : "unknown command \"" + text + "\": " + ofIp + " (see culvert --help)";
    }

    /**
     * Refuses the first word of a tunnel where it is one of ip(8) and no name: {@code run add
     * gre1}.
     *
     * @throws WordsException that says what to type instead
     */
    static void refuseWordsOfIp(List<String> words) {
        boolean isName = words.size() < 2 || TunnelWords.isKnown(words.get(1));
        String hint = isName ? null : WORDS_OF_IP.get(words.get(0));
        if (hint != null) {
            throw new WordsException("unknown word \"%s\": %s".formatted(words.get(0), hint));
        }
    }

    /**
     * The sentence about a word that is not known.
     *
     * @param command whose page knows more
     */
    static String unknown(String what, String text, Collection<String> known, String command) {
        String hint =
                NearestWord.to(text, known)
                        .map(near -> "did you mean \"" + near + "\"?")
                        .orElse("see " + command + " --help");
        return "unknown " + what + " \"" + text + "\": " + hint;
    }

    private static int complain(PrintWriter err, ParameterException e) {
        Complaint.print(err, sentence(e));
        return ExitStatus.USAGE;
    }

    private static String sentence(ParameterException e) {
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        if (e instanceof UnmatchedArgumentException unmatched) {
            String text = unmatched.getUnmatched().get(0);
            return text.startsWith("-")
                    ? unknown("option", text, longNames(spec), spec.qualifiedName())
                    : unknownCommand(text, spec.subcommands().keySet());
        }
        if (e instanceof MissingParameterException missing) {
            ArgSpec option = missing.getMissing().get(0);
            return "\"" + longName(option) + "\" needs a " + option.paramLabel() + " after it";
        }
        if (e instanceof OverwrittenOptionException overwritten) {
            return "\"" + longName(overwritten.getOverwritten()) + "\" is given twice";
        }
        if (e.getArgSpec() != null && e.getValue() != null) { // picocli would name a Java type
            return "\"%s\" takes a %s, not \"%s\""
                    .formatted(longName(e.getArgSpec()), e.getArgSpec().paramLabel(), e.getValue());
        }
        return e.getMessage();
    }

    /** One letter is near to every other letter, so only long names are worth a suggestion. */
    private static List<String> longNames(CommandSpec spec) {
        return spec.options().stream().map(OptionSpec::longestName).toList();
    }

    private static String longName(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    /** A bug of ours: the trace is printed because the report needs it. */
    private static int reportBug(PrintWriter err, Exception e) {
        Complaint.print(err, "internal error, please report it with what follows: " + e);
        e.printStackTrace(err);
        err.flush();
        return ExitStatus.INTERNAL;
    }
}
