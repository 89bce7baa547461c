package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.Seeds;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.testing.UdpDatagram;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SplitAndMergeTest {
    private static final int ROUNDS = 200;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void whatWasSplitIsMergedToWhatItWas(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            int segmentBytes = 1 + random.nextInt(1400);
            int most = Math.min(64 * segmentBytes, 65_535 - 80);
            byte[] payload = new byte[1 + random.nextInt(most)];
            random.nextBytes(payload);
            byte[] superPacket = TransportChecksum.leavePartial(packet(random, payload));

            List<byte[]> segments =
                    Offloads.split(Offloads.superPacket(superPacket, segmentBytes), 65_535);
            assertThat(segments)
                    .hasSize((payload.length + segmentBytes - 1) / segmentBytes)
                    .allMatch(TransportChecksum::isRight);
            List<Delivered> merged = Offloads.merge(segments);

            assertThat(merged).as("round %d", round).hasSize(1);
            if (segments.size() > 1) {
                assertThat(merged.get(0).bytes()).isEqualTo(superPacket);
                assertThat(merged.get(0).segmentBytes()).isEqualTo(segmentBytes);
            } else {
                assertThat(merged.get(0).bytes())
                        .isEqualTo(TransportChecksum.complete(superPacket));
                assertThat(merged.get(0).segmentBytes()).isZero();
            }
        }
    }

    private static byte[] packet(Random random, byte[] payload) {
        int ecn = random.nextInt(4);
        Ipv4Packet ip4 = new Ipv4Packet().tos(ecn).identification(random.nextInt(0x10000));
        if (random.nextBoolean()) {
            ip4.dontFragment();
        }
        Ipv6Packet ip6 = new Ipv6Packet().trafficClass(ecn);
        if (random.nextInt(4) == 0) {
            UdpDatagram udp = new UdpDatagram().payload(payload);
            return random.nextBoolean() ? udp.over(ip4) : udp.over(ip6);
        }
        TcpSegment tcp =
                new TcpSegment()
                        .sequence(random.nextInt())
                        .flags(TcpSegment.ACK | (random.nextBoolean() ? TcpSegment.PSH : 0))
                        .payload(payload);
        if (random.nextBoolean()) {
            tcp.timestamps(random.nextInt(), random.nextInt());
        }
        return random.nextBoolean() ? tcp.over(ip4) : tcp.over(ip6);
    }
}
