package io.culvert.peers;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The summary that {@code culvert run} prints, as a script would read it: lines such as {@code cvt0
 * in 123 packets 4567 bytes} and {@code cvt0 drop key-mismatch 5 packets: ...}.
 *
 * @param packetsIn packets from the wire that were handed to the device
 * @param packetsOut packets of the device that were sent to the wire
 * @param fragments outer packets that were made of packets too big to be sent whole
 * @param keepalivesIn packets from the wire that the tunnel itself took as keepalives or answers
 * @param keepalivesOut keepalives that were sent
 * @param icmpErrorsOut ICMP errors to the senders of inner packets
 * @param icmpErrorsIn ICMP errors that came about outer packets
 * @param packetsRead outer packets read from the wire, for whichever tunnel or none
 * @param packetsMissed outer packets that the kernel dropped in front of the program
 * @param drops packets of the tunnel that were dropped, by reason; only reasons that occurred
 * @param packetsOfNoTunnel packets that no tunnel took, by reason; only reasons that occurred
 */
public record CulvertSummary(
        long packetsIn,
        long packetsOut,
        long fragments,
        long keepalivesIn,
        long keepalivesOut,
        long icmpErrorsOut,
        long icmpErrorsIn,
        long packetsRead,
        long packetsMissed,
        Map<String, Long> drops,
        Map<String, Long> packetsOfNoTunnel) {

    private static final Pattern COUNT =
            Pattern.compile(
                    "(\\S+) (in|out|missed|fragments|keepalive-in|keepalive-out|icmp-in|icmp-out"
                            + "|drop (?<reason>\\S+))"
                            + " (\\d+) (packets|errors).*");

    /** Reads the lines of one summary; lines about anything else are passed over. */
    static CulvertSummary parse(String tunnel, List<String> lines) {
        Map<String, Long> counts = new TreeMap<>();
        Map<String, Long> drops = new TreeMap<>();
        Map<String, Long> ofNoTunnel = new TreeMap<>();
        for (String line : lines) {
            Matcher matcher = COUNT.matcher(line);
            if (!matcher.matches()) {
                continue;
            }
            boolean isLane = matcher.group(1).startsWith("lane/");
            if (!isLane && !matcher.group(1).equals(tunnel)) {
                continue;
            }
            long packets = Long.parseLong(matcher.group(4));
            String reason = matcher.group("reason");
            if (reason == null) {
                counts.merge((isLane ? "lane " : "") + matcher.group(2), packets, Long::sum);
            } else {
                (isLane ? ofNoTunnel : drops).merge(reason, packets, Long::sum);
            }
        }
        if (!counts.keySet().containsAll(List.of("in", "out", "lane in"))) {
            throw new IllegalArgumentException("not a summary of " + tunnel + ": " + lines);
        }
        return new CulvertSummary(
                counts.get("in"),
                counts.get("out"),
                counts.getOrDefault("fragments", 0L),
                counts.getOrDefault("keepalive-in", 0L),
                counts.getOrDefault("keepalive-out", 0L),
                counts.getOrDefault("icmp-out", 0L),
                counts.getOrDefault("icmp-in", 0L),
                counts.get("lane in"),
                counts.getOrDefault("lane missed", 0L),
                drops,
                ofNoTunnel);
    }
}
