package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code --lanes}: each packet of the wire is read by exactly one lane, whatever it is, and what is
 * told to every lane is counted once.
 */
@NeedsRoot(programs = "ping")
@Timeout(120)
class LanesTest {
    private static final List<String> TUNNELS =
            List.of(
                    "plain mode gre",
                    "key7 mode gre key 7",
                    "sums mode gre key 0x01020304 csum seq",
                    "ipip mode ipip",
                    "sit mode sit any");

    private static final long SEED = Long.getLong("culvert.seed", 2784L);
    private static final int PACKETS_AT_ONCE = 256;
    private static final Pattern LANE_IN = Pattern.compile("(?m)^lane/(\\d+) in (\\d+) packets$");

    private Cable cable;
    private NetworkNamespace left;
    private OuterSender sender;

    @BeforeEach
    void layTheCable() {
        cable = new Cable();
        left = cable.left();
        // what the tunnels deliver is for nobody here: no answer adds to what is counted
        left.exec("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter");
        sender = OuterSender.in(cable.right());
    }

    @AfterEach
    void takeAwayTheCable() {
        sender.close();
        cable.close();
    }

    private CulvertProcess run(int lanes) {
        List<String> ends = new ArrayList<>();
        TUNNELS.forEach(words -> ends.add(words + " local 192.0.2.1 remote 192.0.2.2"));
        CulvertProcess culvert = CulvertProcess.startFile(left, ends, "--lanes", "" + lanes);
        culvert.awaitUp();
        return culvert;
    }

    /** What each lane had read when the program ended. */
    private static List<Long> readByLane(Outcome end) {
        List<Long> read = new ArrayList<>();
        int lastSummary = end.stdout().lastIndexOf("\nplain up ");
        Matcher lane = LANE_IN.matcher(end.stdout().substring(lastSummary));
        while (lane.find()) {
            assertThat(Integer.parseInt(lane.group(1))).isEqualTo(read.size());
            read.add(Long.parseLong(lane.group(2)));
        }
        return read;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyPacketWhetherDamagedOrNotIsReadByExactlyOneLane(int lanes) {
        int packets = 100_000;
        CulvertProcess culvert = run(lanes);
        WireMutator mutator = new WireMutator(SEED);
        for (int sent = 0; sent < packets; sent += PACKETS_AT_ONCE) {
            for (int i = 0; i < PACKETS_AT_ONCE && sent + i < packets; i++) {
                sender.add(mutator.next());
            }
            sender.flush();
            Eventually.isTrue(
                    "the sockets are read", () -> RawSockets.waitingBytes(culvert.pid()) == 0);
        }
        culvert.awaitSummary("plain", s -> s.packetsRead() >= packets);

        Outcome end = culvert.end("TERM");
        assertThat(end.stderr()).isEmpty();
        List<Long> read = readByLane(end);
        assertThat(read).hasSize(lanes).allMatch(share -> share > packets / lanes / 10);
        assertThat(read.stream().mapToLong(n -> n).sum()).as("seed %d", SEED).isEqualTo(packets);
        // what a filter refuses is no drop: each lane's sockets refuse what is another's
        assertThat(CulvertProcess.lastSummary("plain", end).packetsMissed()).isZero();
    }

    @Test
    void whatFullReceiveBuffersLoseIsCountedAsMissedAndNothingElseIs() {
        int packets = 90_000;
        CulvertProcess culvert = run(2);
        sender.flood(culvert, new WireMutator(SEED), packets);
        CulvertSummary summary =
                culvert.awaitSummary("plain", s -> s.packetsRead() + s.packetsMissed() >= packets);
        assertThat(summary.packetsRead() + summary.packetsMissed()).isEqualTo(packets);
        assertThat(summary.packetsMissed()).isGreaterThan(1000);
        assertThat(culvert.complaints()).isEmpty();
    }

    @Test
    void anErrorThatEveryLanesSocketIsGivenIsCountedOnce() {
        CulvertProcess culvert = run(3);
        // host unreachable, about a packet of the tunnel ipip
        String quoted =
                "45000030 00014000 40040000 c0000201 c0000202"
                        + " 4500001c 00004000 40010000 c6336401 c6336402 0800f7ff 00000000";
        for (int i = 0; i < 3; i++) {
            sender.send(
                    1,
                    Cable.RIGHT,
                    Cable.LEFT,
                    "0301" + checksum("0301", quoted) + "00000000" + quoted);
        }
        culvert.awaitSummary("ipip", s -> s.icmpErrorsIn() >= 3);
        Outcome end = culvert.end("TERM");
        assertThat(CulvertProcess.lastSummary("ipip", end).icmpErrorsIn()).isEqualTo(3);
        assertThat(CulvertProcess.lastSummary("plain", end).icmpErrorsIn()).isZero();
    }

    /** RFC 1071 over the message, in digits. */
    private static String checksum(String typeAndCode, String rest) {
        String digits = (typeAndCode + rest).replace(" ", "");
        int sum = 0;
        for (int i = 0; i < digits.length(); i += 4) {
            sum += Integer.parseInt(digits.substring(i, i + 4), 16);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return "%04x".formatted(~sum & 0xffff);
    }

    @Test
    void theUpLineSaysHowManyLanesThereAreAndWhichDoNotSend() {
        CulvertProcess culvert = run(2);
        assertThat(culvert.upLine("plain")).contains(", lanes 2").doesNotContain("sends");
        assertThat(culvert.upLine("sums")).contains(", lanes 2 (the first one sends: seq");
        assertThat(left.run("ip -d link show plain").stdout()).contains("numqueues 2");
        assertThat(left.run("ip -d link show sums").stdout()).doesNotContain("numqueues 2");
    }

    @Test
    void aPersistentDeviceOfOneQueueCarriesForAllLanes() {
        CulvertProcess.run(
                cable.right(), "cvt0", "mode gre remote 192.0.2.1 address 198.51.100.2/24");
        left.run("ip tuntap add dev cvt0 mode tun");
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left,
                        List.of("cvt0 mode gre remote 192.0.2.2 address 198.51.100.1/24"),
                        "--lanes",
                        "3");
        assertThat(culvert.upLine("cvt0")).contains("(the first one sends: cvt0 has one queue");
        for (int host = 3; host < 12; host++) {
            cable.right().address("cvt0", "198.51.100." + host + "/24");
            assertThat(Pinging.output(left, "198.51.100." + host, 1)).contains("1 received");
        }
        assertThat(CulvertProcess.lastSummary("cvt0", culvert.end("TERM")).packetsIn())
                .isEqualTo(9);
        assertThat(left.attempt("ip", "link", "show", "cvt0").succeeded()).isTrue();
    }

    @Test
    void aDeviceOfSeveralQueuesThatAnotherProcessHoldsIsRefused() {
        CulvertProcess first = run(2);
        CulvertProcess second =
                CulvertProcess.startFile(
                        left, List.of("plain mode gre remote 192.0.2.3"), "--lanes", "2");
        Outcome end = second.awaitEnd();
        assertThat(end.exitStatus()).isEqualTo(1);
        assertThat(end.stderr())
                .contains("plain: pid " + first.pid() + " (java) has 2 of its queues open");
        assertThat(left.run("ip -d link show plain").stdout()).contains("numqueues 2");
        assertThat(first.complaints()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "sums"})
    void aDeletedDeviceIsToldOnceAndTheOthersCarryOn(String name) {
        CulvertProcess culvert = run(3);
        left.run("ip link del " + name);
        culvert.awaitComplaint(0, line -> line.startsWith("culvert: " + name + ": "));
        sender.send(4, Cable.RIGHT, Cable.LEFT, "4500001400000000400100000a0000010a000002");
        culvert.awaitSummary("ipip", s -> s.packetsIn() == 1);

        Outcome end = culvert.end("TERM");
        assertThat(end.exitStatus()).isZero();
        assertThat(end.stderr().lines()).hasSize(1);
    }

    @Test
    void whenTheOnlyDeviceIsDeletedItEnds() {
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left, List.of("cvt0 mode gre remote 192.0.2.2"), "--lanes", "3");
        culvert.awaitUp();
        left.run("ip link del cvt0");
        Outcome end = culvert.awaitEnd();
        assertThat(end.exitStatus()).isEqualTo(1);
        assertThat(end.stderr().lines()).hasSize(1);
        assertThat(end.stderr()).contains("somebody deleted it");
    }
}
