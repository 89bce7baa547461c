package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.PacketCapture;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Seven tunnels between the same two hosts in one process: each packet reaches the tunnel that it
 * belongs to, or is counted by the reason why it belongs to none, and the host never answers with
 * ICMP.
 */
@NeedsRoot(programs = {"ping", "tcpdump"})
@Timeout(60)
class SeveralTunnelsTest {
    private static final List<String> KINDS =
            List.of(
                    "plain mode gre",
                    "one mode gre key 1",
                    "two mode gre key 0.0.0.2",
                    "sums mode gre key 3 csum",
                    "numbers mode gre key 4 seq",
                    "ipip mode ipip",
                    "sit mode sit");

    // an echo reply that nobody asked for: taken without a word
    private static final String INNER =
            "45000020 00004000 40010000 c6336402 c6336401 0000ffff 00000000 00000000";
    private static final String INNER6 =
            "60000000 0008 3b 40 20010db8000000000000000000000702"
                    + " 20010db8000000000000000000000701 0000000000000000";

    private static Cable cable;
    private static CulvertProcess culvert;
    private static CulvertProcess peer;
    private static OuterSender sender;
    private PacketCapture icmp;

    @BeforeAll
    static void raiseAllTunnels() {
        cable = new Cable();
        for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
            host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
        }
        culvert = CulvertProcess.startFile(cable.left(), tunnels(1));
        peer = CulvertProcess.startFile(cable.right(), tunnels(2));
        culvert.awaitUp();
        peer.awaitUp();
        sender = OuterSender.in(cable.right());
    }

    private static List<String> tunnels(int host) {
        return KINDS.stream()
                .map(
                        kind ->
                                "%s local 192.0.2.%d remote 192.0.2.%d %s"
                                        .formatted(kind, host, 3 - host, address(kind, host)))
                .toList();
    }

    private static String address(String kind, int host) {
        int number = KINDS.indexOf(kind) + 1;
        return kind.startsWith("sit")
                ? "address 2001:db8::%d0%d/120".formatted(number, host)
                : "address 198.51.100.%d/30".formatted(4 * number + host);
    }

    @BeforeEach
    void watchForIcmp() {
        icmp = PacketCapture.start(cable.left(), "eth0");
    }

    @AfterEach
    void noIcmpHasLeft() {
        icmp.stop();
        assertThat(icmp.decode("icmp")).isEmpty();
        assertThat(culvert.complaints()).isEmpty();
    }

    @AfterAll
    static void takeAwayTheCable() {
        sender.close();
        cable.close();
    }

    @Test
    void eachTunnelCarriesItsOwnPacketsOnly() {
        for (String kind : KINDS) {
            String name = kind.split(" ", 2)[0];
            Map<String, CulvertSummary> before = summaries();
            String target = address(kind, 2).split("[ /]")[1];
            assertThat(Pinging.output(cable.left(), target, 3))
                    .as(kind)
                    .contains("3 received")
                    .doesNotContain("DUP");
            Map<String, CulvertSummary> after = summaries();
            assertThat(after.get(name).packetsIn() - before.get(name).packetsIn())
                    .as(kind)
                    .isGreaterThanOrEqualTo(3);
            for (String other : after.keySet()) {
                assertThat(after.get(other).drops()).isEqualTo(before.get(other).drops());
            }
        }
    }

    /** The columns: protocol, GRE header, whom the drop is counted for, reason. */
    @ParameterizedTest
    @CsvSource({
        "47, 2000 0800 00000009, plain|one|two|sums|numbers, key-mismatch|key-unexpected",
        "47, 2000 0800 00000003, sums, checksum-missing",
        "47, 2000 0800 00000004, numbers, sequence-missing",
        "47, a000 0800 0000 0000 00000001, lane, gre-checksum",
        "47, 0000 88be, lane, no-tunnel",
        "47, 0000 6558, plain, protocol-unknown",
        "47, 4000 0800 0000 0000, lane, gre-routing",
        "47, 0001 0800, lane, gre-version",
        "47, 0008 0800, lane, gre-reserved-flags",
        "47, 0000 86dd, plain, inner-version",
        "4, '', ipip, none",
        "41, '', sit, inner-version",
    })
    void whatATunnelDoesNotTakeIsCountedByItsReason(
            int protocol, String header, String names, String reasons) {
        Map<String, CulvertSummary> before = summaries();
        long strays = total(before.get("plain").packetsOfNoTunnel());
        for (int i = 0; i < 5; i++) {
            sender.send(protocol, Cable.RIGHT, Cable.LEFT, header + INNER);
        }
        culvert.awaitSummary(
                "plain", s -> s.packetsRead() >= before.get("plain").packetsRead() + 5);
        Map<String, CulvertSummary> after = summaries();
        if (names.equals("lane")) {
            assertThat(
                            difference(
                                    before.get("plain").packetsOfNoTunnel(),
                                    after.get("plain").packetsOfNoTunnel()))
                    .isEqualTo(Map.of(reasons, 5L));
        } else {
            assertThat(total(after.get("plain").packetsOfNoTunnel())).isEqualTo(strays);
        }
        long dropped = 0;
        for (String name : after.keySet()) {
            Map<String, Long> drops = difference(before.get(name).drops(), after.get(name).drops());
            if (!drops.isEmpty()) {
                assertThat(names.split("\\|")).contains(name);
                assertThat(reasons.split("\\|")).containsAll(drops.keySet());
            }
            dropped += total(drops);
        }
        boolean isTunnels = !names.equals("lane") && !reasons.equals("none");
        assertThat(dropped).isEqualTo(isTunnels ? 5 : 0);
    }

    @Test
    void packetsFromAnUnknownRemoteAreNobodys() {
        CulvertSummary before = culvert.summary();
        sender.send(47, "192.0.2.77", Cable.LEFT, "0000 0800" + INNER);
        sender.send(4, "192.0.2.77", Cable.LEFT, INNER);
        sender.send(41, "192.0.2.77", Cable.LEFT, INNER6);
        CulvertSummary after =
                culvert.awaitSummary("plain", s -> s.packetsRead() >= before.packetsRead() + 3);
        assertThat(difference(before.packetsOfNoTunnel(), after.packetsOfNoTunnel()))
                .isEqualTo(Map.of("no-tunnel", 3L));
        assertThat(after.drops()).isEqualTo(before.drops());
    }

    private static Map<String, CulvertSummary> summaries() {
        Map<String, CulvertSummary> summaries = new LinkedHashMap<>();
        for (String kind : KINDS) {
            String name = kind.split(" ", 2)[0];
            summaries.put(name, culvert.summary(name));
        }
        return summaries;
    }

    private static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> difference = new LinkedHashMap<>();
        after.forEach(
                (reason, count) -> difference.put(reason, count - before.getOrDefault(reason, 0L)));
        difference.values().removeIf(count -> count == 0);
        return difference;
    }

    private static long total(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
