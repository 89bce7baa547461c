package io.culvert.cli;

import io.culvert.control.TunnelWords;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.LinkType;
import io.culvert.dissect.UdpPayload;
import io.culvert.json.Json;
import io.culvert.verdict.GivenTunnel;
import io.culvert.verdict.LinuxKernel;
import io.culvert.verdict.StrictReceiver;
import io.culvert.verdict.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert explain}: what a packet's bytes mean, and who would take it. */
@Command(name = "explain")
final class ExplainCommand implements Callable<Integer> {
    private static final Map<String, LinkType> LINKS =
            Map.of(
                    "ip", LinkType.RAW_IP,
                    "ethernet", LinkType.ETHERNET,
                    "sll", LinkType.LINUX_SLL,
                    "sll2", LinkType.LINUX_SLL2,
                    "null", LinkType.NULL,
                    "loop", LinkType.LOOP);
    private static final Map<String, UdpPayload> UDP_PAYLOADS =
            Map.of("gre", UdpPayload.GRE, "gue", UdpPayload.GUE, "ip", UdpPayload.IP);
    private static final String NAMELESS = "the tunnel";

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(
            names = {"--for"},
            paramLabel = "TUNNEL")
    private String tunnelWords;

    @Option(names = {"--json"})
    private boolean isJsonWanted;

    @Option(names = {"--brief"})
    private boolean isBrief;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "number")
    private int most = Integer.MAX_VALUE;

    @Option(
            names = {"--packet"},
            paramLabel = "number")
    private int only;

    @Option(
            names = {"--link"},
            paramLabel = "TYPE")
    private String linkWord;

    @Option(
            names = {"--udp"},
            paramLabel = "PORT")
    private List<String> udpPorts = List.of();

    @Parameters(arity = "0..*", paramLabel = "HEX")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        if (isHelpWanted) {
            Manual.print(out, "explain");
            return ExitStatus.OK;
        }
        if (words.isEmpty()) {
            Complaint.print(
                    err, "explain needs a packet: hexadecimal digits, a file, or - for stdin");
            return ExitStatus.USAGE;
        }
        try (ExplainInput input = ExplainInput.open(words, link())) {
            explain(input, new Dissector(ports()), tunnel(), out);
            input.damage().ifPresent(how -> Complaint.print(err, how));
            return ExitStatus.OK;
        } catch (IOException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.NO_INPUT;
        } catch (IllegalArgumentException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        } finally {
            out.flush();
        }
    }

    private void explain(
            ExplainInput input, Dissector dissector, Optional<Named> tunnel, PrintWriter out)
            throws IOException {
        int shown = 0;
        ExplainInput.Packet packet = input.next();
        for (int number = 1; packet != null && shown < most; number++) {
            Explanation explanation = explain(number, packet, dissector, tunnel);
            if (only == 0 || only == number) {
                show(explanation, out);
                shown++;
            }
            packet = only == number || out.checkError() ? null : input.next();
        }
        if (shown == 0 && only > 0) {
            throw new IllegalArgumentException("there is no packet " + only);
        }
    }

    /** Also packets that are not shown are tried, because the tunnel counts their numbers. */
    private static Explanation explain(
            int number, ExplainInput.Packet bytes, Dissector dissector, Optional<Named> tunnel) {
        Dissection packet = bytes.dissect(dissector);
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        verdicts.put("a Linux kernel", LinuxKernel.judge(packet));
        verdicts.put("an RFC-strict receiver", StrictReceiver.judge(packet));
        tunnel.ifPresent(
                given -> verdicts.put(given.name, given.tunnel.judge(packet, bytes.bytes(), 0)));
        return new Explanation(number, packet, verdicts);
    }

    private void show(Explanation explanation, PrintWriter out) {
        if (isJsonWanted) {
            out.println(Json.line(explanation.outline()));
        } else {
            explanation.print(out, isBrief);
        }
    }

    private record Named(String name, GivenTunnel tunnel) {}

    private Optional<Named> tunnel() {
        if (tunnelWords == null) {
            return Optional.empty();
        }
        var spec =
                TunnelWords.parse(Arrays.asList(tunnelWords.trim().split("\\s+")), "given").spec();
        String name = spec.name().equals("given") ? NAMELESS : spec.name();
        return Optional.of(new Named(name, new GivenTunnel(spec)));
    }

    private Optional<LinkType> link() {
        if (linkWord == null) {
            return Optional.empty();
        }
        if (!LINKS.containsKey(linkWord)) {
            throw new IllegalArgumentException(
                    Culvert.unknown("link", linkWord, LINKS.keySet(), "culvert explain"));
        }
        return Optional.of(LINKS.get(linkWord));
    }

    private Map<Integer, UdpPayload> ports() {
        Map<Integer, UdpPayload> ports = new LinkedHashMap<>();
        for (String text : udpPorts) {
            int equals = text.indexOf('=');
            String payload = equals < 0 ? "" : text.substring(equals + 1);
            String port = equals < 0 ? text : text.substring(0, equals);
            if (!port.matches("\\d{1,5}") || equals >= 0 && !UDP_PAYLOADS.containsKey(payload)) {
                throw new IllegalArgumentException(
                        "--udp \"" + text + "\" is not a port, PORT=gre, PORT=gue or PORT=ip");
            }
            ports.put(Integer.parseInt(port), UDP_PAYLOADS.getOrDefault(payload, UdpPayload.GUESS));
        }
        return ports;
    }
}
