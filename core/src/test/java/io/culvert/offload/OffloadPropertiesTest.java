package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.RandomTunnels;
import io.culvert.testing.Seeds;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.UdpDatagram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Joining, then splitting again, gives every packet back as it was, and those of a flow in the
 * order in which they came.
 */
class OffloadPropertiesTest {
    private static final int BATCHES = 400;
    private static final int FLOWS = 4;
    private static final int ACK = TcpSegment.ACK;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void mergingChangesNeitherPacketsNorTheOrderOfAFlow(long seed) {
        Random random = new Random(seed);
        int joined = 0;
        for (int round = 0; round < BATCHES; round++) {
            List<byte[]> packets = batch(random);
            List<Delivered> delivered = Offloads.merge(packets);
            assertThat(byFlow(splitAgain(delivered)))
                    .as("batch %d", round)
                    .isEqualTo(byFlow(packets));
            joined += packets.size() - delivered.size();
        }
        assertThat(joined).as("packets that were joined").isGreaterThan(BATCHES * 10);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void mutatedPacketsComeOutAsTheyWentIn(long seed) {
        RandomTunnels mutations = new RandomTunnels(seed);
        int joined = 0;
        for (int round = 0; round < BATCHES; round++) {
            List<byte[]> packets = batch(mutations.random());
            packets.replaceAll(
                    packet ->
                            mutations.random().nextInt(4) == 0
                                    ? mutations.mutated(packet)
                                    : packet);
            List<Delivered> delivered = Offloads.merge(packets);
            List<String> in =
                    new ArrayList<>(packets.stream().map(OffloadPropertiesTest::text).toList());
            List<String> out =
                    new ArrayList<>(
                            splitAgain(delivered).stream()
                                    .map(OffloadPropertiesTest::text)
                                    .toList());
            Collections.sort(in);
            Collections.sort(out);
            assertThat(out).as("batch %d", round).isEqualTo(in);
            joined += packets.size() - delivered.size();
        }
        assertThat(joined).as("packets that were joined").isGreaterThan(BATCHES);
    }

    private static List<byte[]> splitAgain(List<Delivered> delivered) {
        List<byte[]> packets = new ArrayList<>();
        for (Delivered packet : delivered) {
            if (packet.segmentBytes() == 0) {
                packets.add(packet.bytes());
            } else {
                packets.addAll(
                        Offloads.split(
                                Offloads.superPacket(packet.bytes(), packet.segmentBytes()),
                                65_535));
            }
        }
        return packets;
    }

    /** A few flows that take turns, each mostly in order, with all that happens to packets. */
    private static List<byte[]> batch(Random random) {
        int[] sequence = random.ints(FLOWS).toArray();
        int[] identification = random.ints(FLOWS, 0, 1 << 16).toArray();
        int[] size = random.ints(FLOWS, 20, 200).toArray();
        int[] turns = {0, 0, 0, 0, 1, 1, 2, 3};
        List<byte[]> packets = new ArrayList<>();
        int count = 1 + random.nextInt(128);
        int flow = 0;
        for (int i = 0; i < count; i++) {
            if (random.nextInt(3) == 0) {
                flow = turns[random.nextInt(turns.length)];
            }
            boolean isOdd = random.nextInt(8) == 0;
            int payloadBytes = isOdd ? random.nextInt(size[flow] + 10) : size[flow];
            byte[] payload = new byte[payloadBytes];
            random.nextBytes(payload);
            byte[] packet =
                    flow == 3
                            ? datagram(random, payload, identification[flow])
                            : segment(random, flow, sequence[flow], payload, identification[flow]);
            boolean isLost = random.nextInt(40) == 0;
            boolean isRepeated = random.nextInt(40) == 0;
            if (!isLost) {
                packets.add(packet);
            }
            if (!isRepeated) {
                sequence[flow] += payloadBytes;
                identification[flow]++;
            }
        }
        if (packets.size() > 1 && random.nextBoolean()) {
            Collections.swap(packets, 0, packets.size() / 2);
        }
        return packets;
    }

    private static byte[] segment(
            Random random, int flow, int sequence, byte[] payload, int identification) {
        boolean isOdd = random.nextInt(20) == 0;
        TcpSegment tcp =
                new TcpSegment()
                        .sourcePort(flow)
                        .sequence(sequence)
                        .flags(isOdd ? random.nextInt(256) : ACK)
                        .payload(payload);
        if (flow == 1) {
            tcp.timestamps(random.nextInt(30) == 0 ? 2 : 1, 1);
        }
        if (random.nextInt(20) == 0) {
            tcp.flags(ACK | TcpSegment.PSH);
        }
        int tos = random.nextInt(30) == 0 ? 3 : 2;
        byte[] packet =
                flow == 2
                        ? tcp.over(new Ipv6Packet().trafficClass(tos))
                        : tcp.over(new Ipv4Packet().tos(tos).identification(identification));
        if (random.nextInt(30) == 0) {
            packet[packet.length - 1 - random.nextInt(20)] ^= 1;
        }
        return packet;
    }

    private static byte[] datagram(Random random, byte[] payload, int identification) {
        byte[] packet =
                new UdpDatagram()
                        .sourcePort(3)
                        .payload(payload)
                        .over(new Ipv4Packet().identification(identification));
        if (random.nextInt(30) == 0) {
            ByteBuffer.wrap(packet).putShort(26, (short) 0);
        }
        return packet;
    }

    /** The packets' texts, by version and source port. */
    private static Map<Integer, List<String>> byFlow(List<byte[]> packets) {
        Map<Integer, List<String>> flows = new LinkedHashMap<>();
        for (byte[] packet : packets) {
            int sourcePortAt = packet[0] >> 4 == 4 ? 20 : 40;
            int flow = ByteBuffer.wrap(packet).getShort(sourcePortAt);
            flows.computeIfAbsent(flow, f -> new ArrayList<>()).add(text(packet));
        }
        return flows;
    }

    /** The packet without its IPv4 ID where that may be anything. */
    private static String text(byte[] packet) {
        byte[] compared = packet;
        if (packet.length >= 20 && packet[0] == 0x45 && packet[6] == 0x40) {
            compared = packet.clone();
            Arrays.fill(compared, 4, 6, (byte) 0);
            Arrays.fill(compared, 10, 12, (byte) 0);
        }
        return Hex.text(ByteBuffer.wrap(compared), 0, compared.length);
    }
}
