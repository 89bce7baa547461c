package io.culvert.cli;

import io.culvert.capture.CaptureFile;
import io.culvert.control.WordsException;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.UdpPayload;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert capture}: which tunnels there are on an interface or in a file. */
@Command(name = "capture")
final class CaptureCommand implements Callable<Integer> {
    private static final int MOST_PORT = 65_535;

    /** Where ip-fou(8) and most who follow it put FOU and GUE, which have no port of their own. */
    private static final List<Integer> USUAL_PORTS = List.of(5555, 7777);

    /** libpcap's name of all interfaces together. */
    private static final String EVERY_INTERFACE = "any";

    /** What no interface is called: a path, or a name with the ending of captures. */
    private static final Pattern FILE_NAME = Pattern.compile(".*/.*|.*\\.(pcap|pcapng|cap)");

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(
            names = {"-r", "--read"},
            paramLabel = "FILE")
    private String input;

    @Option(
            names = {"-w", "--write"},
            paramLabel = "FILE")
    private String output;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "number of packets")
    private Long count;

    @Option(names = "--seconds", paramLabel = "number of seconds")
    private Double seconds;

    @Option(names = "--udp", paramLabel = "list of ports", split = ",")
    private List<String> udpPorts = List.of();

    @Option(names = "--tunnels", paramLabel = "number of tunnels")
    private int mostTunnels = 4096;

    @Option(names = "--json")
    private boolean isJsonWanted;

    @Option(names = {"-v", "--verbose"})
    private boolean[] verbosity = {};

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        var out = command.commandLine().getOut();
        var err = command.commandLine().getErr();
        if (isHelpWanted || words.equals(List.of("help"))) {
            Manual.print(out, "capture");
            return ExitStatus.OK;
        }
        CaptureWishes wishes;
        try {
            wishes = wishes();
        } catch (WordsException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        }
        return new CaptureRun(wishes, out, err).run();
    }

    private CaptureWishes wishes() {
        if (input == null && words.isEmpty()) {
            throw new WordsException(
                    "capture needs an interface or a file: culvert capture eth0, or culvert"
                            + " capture -r FILE (see culvert capture --help)");
        }
        if (input == null && isCaptureFile(words.get(0))) {
            input = words.get(0);
            words = words.subList(1, words.size());
        }
        require(count == null || count > 0, "--count", "1 or more packets");
        require(seconds == null || seconds > 0, "--seconds", "more than 0 seconds");
        require(mostTunnels > 0, "--tunnels", "1 or more tunnels");
        List<String> filter = input == null ? words.subList(1, words.size()) : words;
        return new CaptureWishes(
                input == null ? words.get(0) : null,
                input,
                String.join(" ", filter),
                output,
                count == null ? Long.MAX_VALUE : count,
                seconds == null ? Double.POSITIVE_INFINITY : seconds,
                mostTunnels,
                isJsonWanted,
                verbosity.length,
                new Dissector(udpPayloads(udpPorts)));
    }

    /** A file is taken by its name; an interface of that name comes first. */
    private static boolean isCaptureFile(String word) {
        try {
            boolean isInterface =
                    word.equals(EVERY_INTERFACE) || Files.exists(Path.of("/sys/class/net", word));
            return !isInterface
                    && (word.equals(CaptureFile.STANDARD_INPUT)
                            || Files.isRegularFile(Path.of(word))
                            || FILE_NAME.matcher(word).matches());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Ports and what they carry, as {@code 5555} or {@code 5555=gue}. */
    static Map<Integer, UdpPayload> udpPayloads(List<String> ports) {
        Map<Integer, UdpPayload> payloads = new LinkedHashMap<>();
        USUAL_PORTS.forEach(port -> payloads.put(port, UdpPayload.GUESS));
        for (String text : ports) {
            String[] halves = text.split("=", 2);
            payloads.put(port(halves[0]), halves.length == 1 ? UdpPayload.GUESS : payload(text));
        }
        return payloads;
    }

    private static int port(String text) {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= MOST_PORT) {
                return port;
            }
        }
        throw new WordsException("\"--udp\" takes ports from 1 to 65535, not \"" + text + "\"");
    }

    private static UdpPayload payload(String text) {
        String word = text.substring(text.indexOf('=') + 1);
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "guess" -> UdpPayload.GUESS;
            case "gre" -> UdpPayload.GRE;
            case "gue" -> UdpPayload.GUE;
            case "ip" -> UdpPayload.IP;
            default ->
                    throw new WordsException(
                            "\"--udp\" " + text + ": a port carries gre, gue, ip or guess");
        };
    }

    private static void require(boolean isSensible, String option, String range) {
        if (!isSensible) {
            throw new WordsException("\"" + option + "\" takes " + range);
        }
    }
}
