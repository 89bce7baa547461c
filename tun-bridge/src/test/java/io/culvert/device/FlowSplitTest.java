package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filters of all lanes about the same packet, run by {@link BpfMachine}. */
class FlowSplitTest {
    private static final long WHOLE = 0xffff_ffffL;
    private static final int GRE = 47;
    private static final int IPIP = 4;
    private static final int SIT = 41;
    private static final int[] PROTOCOLS = {GRE, IPIP, SIT};
    private static final Path VECTORS = Path.of("../core/src/test/resources/vectors");

    private static final String TCP4 =
            "45000028 00004000 40060000 c6336401 c6336402 9c40 1451 00000000 00000000 50100000"
                    + " 00000000";

    /** Which lane takes the packet; fails unless it is exactly one, and whole. */
    private static int laneOf(byte[] packet, int protocol, int lanes) {
        return laneOf(packet, OuterProtocol.overIpv4(protocol), lanes);
    }

    private static int laneOf(byte[] packet, OuterProtocol protocol, int lanes) {
        int taker = -1;
        for (int lane = 0; lane < lanes; lane++) {
            long result = new BpfMachine(new FlowSplit(lane, lanes).filter(protocol)).run(packet);
            if (result != 0) {
                assertThat(taker).as("a lane before %d that takes it too", lane).isEqualTo(-1);
                assertThat(result).isEqualTo(WHOLE);
                taker = lane;
            }
        }
        assertThat(taker).as(HexFormat.of().formatHex(packet)).isNotEqualTo(-1);
        return taker;
    }

    private static byte[] outer(int protocol, String payload) {
        return Packets.ipv4(
                protocol, "192.0.2.1", "192.0.2.2", HexFormat.of().parseHex(strip(payload)));
    }

    private static String strip(String hex) {
        return hex.replaceAll("\\s", "");
    }

    /** The lanes that so many flows fall into, each flow with its own number put somewhere. */
    private static long[] spread(
            int lanes, int flows, IntFunction<byte[]> packetOfFlow, int outer) {
        long[] share = new long[lanes];
        for (int flow = 0; flow < flows; flow++) {
            share[laneOf(packetOfFlow.apply(flow), outer, lanes)]++;
        }
        return share;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 7, 64})
    void everyPacketOfEveryVectorIsTakenByOneLane(int lanes) throws IOException {
        int packets = 0;
        List<Path> captures;
        try (Stream<Path> files = Files.list(VECTORS)) {
            captures = files.filter(f -> f.toString().endsWith(".pcap")).toList();
        }
        for (Path capture : captures) {
            for (byte[] packet : ipv4PacketsOf(capture)) {
                for (int protocol : PROTOCOLS) {
                    int lane = laneOf(packet, protocol, lanes);
                    assertThat(
                                    laneOf(
                                            behindHeader(packet),
                                            OuterProtocol.overIpv6(protocol),
                                            lanes))
                            .as("the same lane over IPv6")
                            .isEqualTo(lane);
                    packets++;
                }
            }
        }
        assertThat(packets).isGreaterThan(300 * PROTOCOLS.length);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20261123})
    void everyPacketOfAnyBytesAndAnyLengthIsTakenByOneLane(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] packet = new byte[random.nextInt(120)];
            random.nextBytes(packet);
            // mostly what begins like something known, or nothing behind the first word is reached
            if (packet.length > 0 && random.nextInt(8) > 0) {
                packet[0] = (byte) (0x45 + random.nextInt(3));
                put(packet, 20, random.nextBoolean() ? 0x45 : 0x20 * random.nextInt(8));
                put(packet, 21, random.nextInt(4) == 0 ? random.nextInt(8) : 0);
                put(packet, 22, random.nextBoolean() ? 0x08 : 0x86);
                put(packet, 23, packet.length > 22 && packet[22] == 0x08 ? 0 : 0xdd);
                put(packet, 24 + 4 * random.nextInt(4), random.nextBoolean() ? 0x45 : 0x60);
            }
            for (int protocol : PROTOCOLS) {
                laneOf(packet, protocol, 1 + random.nextInt(5));
                laneOf(
                        Arrays.copyOfRange(packet, Math.min(20, packet.length), packet.length),
                        OuterProtocol.overIpv6(protocol),
                        1 + random.nextInt(5));
            }
        }
    }

    @Test
    void aPacketCutOffAnywhereIsStillTakenByOneLane() {
        List<byte[]> packets =
                List.of(
                        outer(GRE, "2000 0800 00000007" + TCP4),
                        outer(GRE, "a000 0800 00000000 00000007" + TCP4),
                        outer(GRE, "0000 86dd" + tcp6(1, 2)),
                        outer(IPIP, TCP4),
                        outer(SIT, tcp6(1, 2)));
        for (byte[] packet : packets) {
            for (int length = 0; length <= packet.length; length++) {
                byte[] cut = Arrays.copyOf(packet, length);
                for (int protocol : PROTOCOLS) {
                    laneOf(cut, protocol, 3);
                }
            }
        }
    }

    @Test
    void theOuterHeaderAndGreOptionsDoNotMoveAFlow() {
        byte[] tunnelled = outer(IPIP, TCP4);
        int lane = laneOf(tunnelled, IPIP, 64);
        byte[] withOptions =
                HexFormat.of()
                        .parseHex(
                                strip(
                                        "47000044 00004000 40040000 c0000201 c0000202 94040000 00000000"
                                                + TCP4));
        assertThat(laneOf(withOptions, IPIP, 64)).isEqualTo(lane);
        for (String gre :
                List.of(
                        "0000 0800",
                        "2000 0800 00000007",
                        "2000 0800 00000008",
                        "8000 0800 12340000",
                        "a000 0800 12340000 00000009")) {
            assertThat(laneOf(outer(GRE, gre + TCP4), GRE, 64)).as(gre).isEqualTo(lane);
        }
    }

    @Test
    void bothDirectionsOfAFlowMeet() {
        String reply = TCP4.replace("c6336401 c6336402 9c40 1451", "c6336402 c6336401 1451 9c40");
        assertThat(laneOf(outer(IPIP, reply), IPIP, 64))
                .isEqualTo(laneOf(outer(IPIP, TCP4), IPIP, 64));
    }

    @Test
    void allFragmentsOfADatagramHaveOneLaneWhateverTheirFirstBytesAre() {
        int[] lanes =
                IntStream.of(0x2000, 0x20b9, 0x0172)
                        .map(
                                fragment ->
                                        laneOf(
                                                outer(
                                                        IPIP,
                                                        "45000028 0001%04x 40110000 c6336401 c6336402 %08x00000000"
                                                                .formatted(
                                                                        fragment, fragment * 77)),
                                                IPIP,
                                                64))
                        .distinct()
                        .toArray();
        assertThat(lanes).hasSize(1);
    }

    @Test
    void whatHasASequenceNumberOrIsOddIsTheFirstLanes() {
        for (String odd :
                List.of(
                        "1000 0800 00000001" + TCP4, // a sequence number
                        "3000 0800 00000007 00000001" + TCP4,
                        "4000 0800 00000000" + TCP4, // routing
                        "0001 0800" + TCP4, // another version
                        "2001 880b 00000000", // PPTP
                        "0000 0000" + TCP4, // a keepalive that comes back
                        "0000 883e 00000000" + TCP4, // WCCP
                        "0000 6558" + TCP4,
                        "0000 0800", // nothing in it
                        "0000 0800 55" + TCP4)) {
            for (int lanes = 2; lanes < 6; lanes++) {
                assertThat(laneOf(outer(GRE, odd), GRE, lanes)).as(odd).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8})
    void consecutivePortsSpreadOverAllLanes(int lanes) {
        IntFunction<byte[]> tcp4 =
                flow ->
                        outer(
                                GRE,
                                "0000 0800"
                                        + TCP4.replace(
                                                "9c40", "%04x".formatted(0x9c40 + 2 * flow)));
        IntFunction<byte[]> tcp6 = flow -> outer(SIT, tcp6(0x9c40 + 2 * flow, 5201));
        assertEven(spread(lanes, 400, tcp4, GRE), 400);
        assertEven(spread(lanes, 400, tcp6, SIT), 400);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8})
    void neighbouringHostsSpreadOverAllLanes(int lanes) {
        IntFunction<byte[]> icmp =
                flow ->
                        outer(
                                IPIP,
                                "4500001c 00004000 40010000 0a0000%02x c6336402 0800000000000000"
                                        .formatted(flow));
        assertEven(spread(lanes, 256, icmp, IPIP), 256);
    }

    private static void assertEven(long[] share, int flows) {
        long fair = flows / share.length;
        for (long lane : share) {
            assertThat(lane).as(Arrays.toString(share)).isBetween(fair / 2, 2 * fair);
        }
    }

    @Test
    void thereIsNoLaneBeyondTheLast() {
        assertThat(FlowSplit.NONE.isNeeded()).isFalse();
        assertThat(new FlowSplit(1, 2).isNeeded()).isTrue();
        assertThatThrownBy(() -> new FlowSplit(2, 2)).hasMessage("there is no lane 2 of 2");
        assertThatThrownBy(() -> new FlowSplit(-1, 2)).hasMessage("there is no lane -1 of 2");
        assertThatThrownBy(() -> new FlowSplit(0, 0)).hasMessage("there is no lane 0 of 0");
    }

    /** What a raw IPv6 socket's filter is asked about: the packet without its outer header. */
    private static byte[] behindHeader(byte[] packet) {
        return Arrays.copyOfRange(packet, (packet[0] & 0x0f) * 4, packet.length);
    }

    private static String tcp6(int sourcePort, int destinationPort) {
        return ("60000000 0014 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
                        + "%04x %04x 00000000 00000000 50100000 00000000")
                .formatted(sourcePort, destinationPort);
    }

    private static void put(byte[] packet, int at, int value) {
        if (at < packet.length) {
            packet[at] = (byte) value;
        }
    }

    /** The packets of a capture file from their IPv4 header on; others are left out. */
    private static List<byte[]> ipv4PacketsOf(Path capture) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(capture));
        file.order(file.get(0) == (byte) 0xd4 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        boolean isEthernet = file.getInt(20) == 1;
        file.position(24);
        List<byte[]> packets = new ArrayList<>();
        while (file.hasRemaining()) {
            byte[] record = new byte[file.getInt(file.position() + 8)];
            file.position(file.position() + 16).get(record);
            byte[] packet = isEthernet ? Arrays.copyOfRange(record, 14, record.length) : record;
            if (packet[0] >> 4 == 4) {
                packets.add(packet);
            }
        }
        return packets;
    }
}
