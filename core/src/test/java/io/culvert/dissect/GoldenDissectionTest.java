package io.culvert.dissect;

import io.culvert.testing.Captures;
import io.culvert.testing.Golden;
import io.culvert.testing.PcapFile;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the printers say of real packets, as it was looked at once. */
class GoldenDissectionTest {
    /** That of the FOU and GUE captures. */
    private static final Dissector DISSECTOR = new Dissector(Map.of(5555, UdpPayload.GUESS));

    private static final String RESOURCES = "io/culvert/dissect/";

    @Test
    void everyPacketOfEveryCaptureHasItsLine() {
        StringBuilder lines = new StringBuilder();
        for (String path : Captures.paths()) {
            lines.append("== ").append(path).append('\n');
            for (Dissection packet : read(path)) {
                lines.append(OneLine.of(packet)).append('\n');
            }
        }
        Golden.assertSame(RESOURCES + "lines.txt", lines.toString());
    }

    @Test
    void theFirstPacketOfEachKindHasItsTree() {
        StringBuilder trees = new StringBuilder();
        for (String path :
                List.of(
                        "vectors/gre-key-csum-seq-in6.pcap",
                        "vectors/sit-in6.pcap",
                        "captures/erspan1-in4.pcap",
                        "vectors/ip6tnl-ipip6-in4.pcap",
                        "captures/gue-ipip-csum-remcsum-in4.pcap")) {
            trees.append("== ").append(path).append('\n');
            Tree.of(read(path).get(0), true).forEach(line -> trees.append(line).append('\n'));
        }
        Golden.assertSame(RESOURCES + "trees.txt", trees.toString());
    }

    @Test
    void everyOddPacketHasItsTree() {
        StringBuilder trees = new StringBuilder();
        for (Dissection packet : read("captures/odd.pcap")) {
            trees.append("== ").append(OneLine.of(packet)).append('\n');
            Tree.of(packet, false).forEach(line -> trees.append(line).append('\n'));
        }
        Golden.assertSame(RESOURCES + "odd-trees.txt", trees.toString());
    }

    private static List<Dissection> read(String path) {
        PcapFile capture = Captures.read(path);
        LinkType link = LinkType.of(capture.linkType()).orElseThrow();
        return capture.records().stream().map(bytes -> DISSECTOR.dissect(link, bytes)).toList();
    }
}
