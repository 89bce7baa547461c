package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.UdpDatagram;
import java.util.List;
import java.util.Random;

/** A run of segments of one TCP connection, which are all that a coalescer wants. */
final class AlikeSegments {
    static final int PAYLOAD_BYTES = 100;

    private AlikeSegments() {}

    static void assertNothingIsJoined(List<byte[]> packets) {
        List<Delivered> delivered = Offloads.merge(packets);
        assertThat(delivered).hasSameSizeAs(packets);
        for (int i = 0; i < packets.size(); i++) {
            assertThat(delivered.get(i).bytes()).isEqualTo(packets.get(i));
            assertThat(delivered.get(i).segmentBytes()).isZero();
        }
    }

    static byte[] segment(int index) {
        return tcp(index).over(ip(index));
    }

    static TcpSegment tcp(int index) {
        byte[] payload = new byte[PAYLOAD_BYTES];
        new Random(index).nextBytes(payload);
        return new TcpSegment().sequence(index * PAYLOAD_BYTES).payload(payload);
    }

    static Ipv4Packet ip(int index) {
        return new Ipv4Packet().identification(index);
    }

    static UdpDatagram datagram(int sourcePort, int destinationPort) {
        return new UdpDatagram()
                .sourcePort(sourcePort)
                .destinationPort(destinationPort)
                .payload(new byte[PAYLOAD_BYTES]);
    }
}
