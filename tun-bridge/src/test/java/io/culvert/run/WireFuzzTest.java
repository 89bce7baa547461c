package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damaged packets by the million on the wire of a running program: it lives on, it carries on, and
 * its books balance to the packet.
 *
 * <p>{@code -Dculvert.seed=N} chooses other packets.
 */
@NeedsRoot(programs = {"ping", "nft"})
@Timeout(180)
class WireFuzzTest {
    private static final int PACKETS = 1_000_000;

    /** Less than the thousand that a device's backlog holds, and than a receive buffer. */
    private static final int PACKETS_AT_ONCE = 256;

    private static final int PACKETS_OF_FLOOD = 50_000;
    private static final long SEED = Long.getLong("culvert.seed", 2784L);

    private static final List<String> TUNNELS =
            List.of(
                    "plain mode gre address 10.9.0.%d/24",
                    "key7 mode gre key 7",
                    "sums mode gre key 0x01020304 csum seq",
                    "ipip mode ipip address 198.51.100.%d/24",
                    "sit mode sit any");

    private static final Set<String> RECEIVE_REASONS =
            Arrays.stream(DropReason.values())
                    .filter(reason -> reason.direction() == DropReason.Direction.RECEIVE)
                    .map(DropReason::label)
                    .collect(Collectors.toSet());

    private static Cable cable;
    private static CulvertProcess culvert;
    private static CulvertProcess peer;
    private static OuterSender sender;

    @BeforeAll
    static void raiseTunnels() {
        cable = new Cable();
        // answers to senders whom the damage made up must not find their way out
        cable.left()
                .exec(
                        "sh",
                        "-c",
                        "cd /proc/sys/net/ipv4/conf; for d in all default eth0; do echo 1 >$d/rp_filter; done");
        culvert = CulvertProcess.startFile(cable.left(), tunnels(1));
        peer = CulvertProcess.startFile(cable.right(), tunnels(2));
        culvert.awaitUp();
        peer.awaitUp();
        sender = OuterSender.in(cable.right());
    }

    private static List<String> tunnels(int host) {
        String ends = " local 192.0.2.%d remote 192.0.2.%d".formatted(host, 3 - host);
        return TUNNELS.stream().map(words -> words.formatted(host) + ends).toList();
    }

    @BeforeEach
    void countOnTheWire() {
        NetworkNamespace left = cable.left();
        left.attempt("nft", "delete", "table", "ip", "wire");
        left.run("nft add table ip wire");
        left.run("nft add counter ip wire arrived");
        left.run("nft add counter ip wire answers");
        left.exec("nft", "add chain ip wire in { type filter hook input priority 0 ; }");
        left.exec("nft", "add chain ip wire out { type filter hook output priority 0 ; }");
        left.exec(
                "nft",
                "add rule ip wire in iifname eth0 ip protocol { 4, 41, 47 } counter name arrived");
        left.run("nft add rule ip wire out oifname eth0 ip protocol icmp counter name answers");
        silencePeer(true);
    }

    @AfterAll
    static void takeAwayTheCable() {
        sender.close();
        cable.close();
    }

    @Test
    void aMillionDamagedPacketsAreAllAccountedFor() {
        Map<String, CulvertSummary> before = summaries();
        WireMutator packets = new WireMutator(SEED);
        for (int sent = 0; sent < PACKETS; sent += PACKETS_AT_ONCE) {
            for (int i = 0; i < PACKETS_AT_ONCE && sent + i < PACKETS; i++) {
                sender.add(packets.next());
            }
            sender.flush();
            awaitQuietSockets();
        }
        assertAccounted(before, PACKETS, 0);
        Map<String, CulvertSummary> after = summaries();
        assertThat(after.get("plain").packetsMissed())
                .as("paced, seed %d", SEED)
                .isEqualTo(before.get("plain").packetsMissed());
        assertThat(after.get("plain").packetsIn()).as("not all are damaged").isGreaterThan(10_000);
        assertThat(after.get("plain").drops()).hasSizeGreaterThan(3);
        assertThat(after.get("plain").packetsOfNoTunnel()).hasSizeGreaterThan(5);
        assertStillCarries();
    }

    /** What the kernel has no room for must not make it answer protocol unreachable. */
    @Test
    void aFloodIntoFullReceiveBuffersIsAccountedForToo() {
        Map<String, CulvertSummary> before = summaries();
        WireMutator packets = new WireMutator(SEED);
        culvert.signal("STOP");
        try {
            for (int i = 0; i < PACKETS_OF_FLOOD; i++) {
                sender.add(packets.next());
            }
            sender.flush();
        } finally {
            culvert.signal("CONT");
        }
        assertAccounted(before, PACKETS_OF_FLOOD, 1000);
        assertStillCarries();
    }

    private void assertAccounted(Map<String, CulvertSummary> before, long sent, long leastMissed) {
        Eventually.isTrue("all packets have arrived", () -> counted("arrived") >= sent);
        CulvertSummary first = before.get("plain");
        culvert.awaitSummary(
                "plain",
                s ->
                        s.packetsRead() + s.packetsMissed()
                                >= first.packetsRead() + first.packetsMissed() + sent);
        Map<String, CulvertSummary> after = summaries();
        long read = after.get("plain").packetsRead() - first.packetsRead();
        long missed = after.get("plain").packetsMissed() - first.packetsMissed();
        long accounted = strays(after) - strays(before) + ofTunnels(after) - ofTunnels(before);

        assertThat(counted("arrived")).as("seed %d", SEED).isEqualTo(sent);
        assertThat(read + missed).as("read and missed, seed %d", SEED).isEqualTo(sent);
        assertThat(missed).isGreaterThanOrEqualTo(leastMissed);
        assertThat(accounted).as("delivered and dropped, seed %d", SEED).isEqualTo(read);
        assertThat(counted("answers")).as("ICMP that left, seed %d", SEED).isZero();
        assertThat(culvert.complaints()).isEmpty();
    }

    private static long strays(Map<String, CulvertSummary> summaries) {
        return total(summaries.get("plain").packetsOfNoTunnel());
    }

    private static long ofTunnels(Map<String, CulvertSummary> summaries) {
        return summaries.values().stream()
                .mapToLong(s -> s.packetsIn() + s.keepalivesIn() + total(s.drops()))
                .sum();
    }

    private static long total(Map<String, Long> drops) {
        return drops.entrySet().stream()
                .filter(drop -> RECEIVE_REASONS.contains(drop.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private void assertStillCarries() {
        silencePeer(false);
        for (String address : List.of("10.9.0.2", "198.51.100.2")) {
            Eventually.isTrue(
                    "the peer carries again", () -> Pinging.answers(cable.left(), address));
            assertThat(Pinging.output(cable.left(), address, 3)).contains("3 received");
        }
        assertThat(Pinging.output(cable.right(), "10.9.0.1", 3)).contains("3 received");
    }

    /** Answers to the damaged packets reach a tunnel that is down, so nothing comes back. */
    private static void silencePeer(boolean silent) {
        for (String words : TUNNELS) {
            String name = words.split(" ", 2)[0];
            cable.right().run("ip link set " + name + (silent ? " down" : " up"));
        }
    }

    private static void awaitQuietSockets() {
        while (RawSockets.waitingBytes(culvert.pid()) > 0) {
            Thread.onSpinWait();
        }
    }

    private static Map<String, CulvertSummary> summaries() {
        return TUNNELS.stream()
                .map(words -> words.split(" ", 2)[0])
                .collect(Collectors.toMap(name -> name, culvert::summary));
    }

    private static long counted(String counter) {
        String text = cable.left().run("nft list counter ip wire " + counter).stdout();
        return Long.parseLong(text.replaceAll("(?s).*packets (\\d+) .*", "$1"));
    }
}
