package io.culvert.cli;

import io.culvert.attach.RuntimeDirectory;
import io.culvert.channel.LaneOptions;
import io.culvert.control.RunningTunnels;
import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelFile;
import io.culvert.control.TunnelWords;
import io.culvert.control.WordsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert run}: brings tunnels up and stays with them. */
@Command(name = "run")
final class RunCommand implements Callable<Integer> {
    private final RunningTunnels.Opener opener;

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE")
    private String file;

    @Option(
            names = {"--lanes"},
            paramLabel = "number")
    private String lanes = "auto";

    @Option(
            names = {"--spin"},
            paramLabel = "MICROS")
    private int spinMicros = LaneOptions.DEFAULTS.spinMicros();

    @Option(
            names = {"--underlay"},
            paramLabel = "raw|packet")
    private String underlay = "raw";

    @Option(names = {"--no-rehearsal"})
    private boolean isRehearsalUnwanted;

    @Option(
            names = {"--control"},
            paramLabel = "DIR|none")
    private String control;

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    RunCommand(RunningTunnels.Opener opener) {
        this.opener = opener;
    }

    @Override
    public Integer call() {
        var out = command.commandLine().getOut();
        var err = command.commandLine().getErr();
        if (wantsHelp()) {
            Manual.print(out, "run");
            return ExitStatus.OK;
        }
        List<TunnelConfig> configs;
        LaneOptions options;
        RuntimeDirectory controlSocket;
        RuntimeDirectory others;
        try {
            options =
                    new LaneOptions(
                            lanes(),
                            spinMicros,
                            !isRehearsalUnwanted,
                            UnderlayOption.kind(underlay));
            controlSocket = ControlOptions.directory(control);
            others = controlSocket.isNone() ? ControlOptions.directory(null) : controlSocket;
            configs = configs();
            UnderlayOption.check(options.underlay(), configs);
        } catch (IOException | InvalidPathException e) {
            Complaint.print(err, "cannot read " + file + ": " + reason(e));
            return ExitStatus.NO_INPUT;
        } catch (IllegalArgumentException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        }
        return new Foreground(out, err, controlSocket, others).run(opener, configs, options);
    }

    private int lanes() {
        if (lanes.equals("auto")) {
            Runtime runtime = Runtime.getRuntime();
            return LaneOptions.automaticLanes(runtime.availableProcessors(), runtime.maxMemory());
        }
        try {
            return Integer.parseInt(lanes);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "\"--lanes\" takes 1 to %d or auto, not \"%s\""
                            .formatted(LaneOptions.MOST_LANES, lanes),
                    e);
        }
    }

    private boolean wantsHelp() {
        return isHelpWanted
                || words.contains("--help")
                || words.contains("-h")
                || (!words.isEmpty() && words.get(0).equals("help"));
    }

    private List<TunnelConfig> configs() throws IOException {
        if (file == null && words.isEmpty()) {
            throw new WordsException(
                    "run needs a tunnel: culvert run NAME mode gre|ipip|sit remote ADDR"
                            + " (see culvert run --help)");
        }
        if (file == null) {
            Culvert.refuseWordsOfIp(words);
            return List.of(TunnelWords.parse(words));
        }
        if (!words.isEmpty()) {
            throw new WordsException(
                    "with --file, tunnels are in the file: leave out \"" + words.get(0) + "\"");
        }
        try (BufferedReader lines = open()) {
            return TunnelFile.read(file.equals("-") ? "stdin" : file, lines);
        }
    }

    private BufferedReader open() throws IOException {
        return file.equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8);
    }

    private static String reason(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof java.nio.charset.CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        return e.getMessage();
    }
}
