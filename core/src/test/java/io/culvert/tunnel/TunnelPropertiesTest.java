package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.RandomTunnels;
import io.culvert.testing.Reassembly;
import io.culvert.testing.ReceivingEnd;
import io.culvert.testing.Seeds;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.SendingEnd.Sent;
import io.culvert.testing.Specs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TunnelPropertiesTest {
    private static final int OUTER_MTU = 1500;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void decapsulatingUndoesEncapsulating(long seed) {
        RandomTunnels tunnels = new RandomTunnels(seed);
        int passed = 0;
        for (int i = 0; i < 300; i++) {
            TunnelSpec spec = tunnels.spec();
            SendingEnd tunnel = new SendingEnd(spec, OUTER_MTU);
            ReceivingEnd peer = new ReceivingEnd(Specs.peer(spec));
            for (int packet = 0; packet < 10; packet++) {
                byte[] inner = tunnels.inner(spec);
                passed += assertPasses(spec, tunnel, peer, inner) ? 1 : 0;
            }
        }
        assertThat(passed).isGreaterThan(1500);
    }

    private static boolean assertPasses(
            TunnelSpec spec, SendingEnd tunnel, ReceivingEnd peer, byte[] inner) {
        Sent sent = tunnel.send(inner);
        if (sent.reason() != null) {
            assertThat(sent.outer()).isEmpty();
            assertThat(sent.reason())
                    .isIn(
                            DropReason.PAYLOAD_NOT_CARRIED,
                            DropReason.TOO_BIG,
                            DropReason.TOO_BIG_UNANSWERED);
            boolean isCarried =
                    spec.payload().isEthernet() || spec.payload().carries(inner[0] >> 4 & 0xf);
            assertThat(sent.reason() == DropReason.PAYLOAD_NOT_CARRIED).isEqualTo(!isCarried);
            boolean fits = inner.length + spec.overheadBytes() <= OUTER_MTU;
            assertThat(fits && isCarried).isFalse();
            return false;
        }
        List<byte[]> received = new ArrayList<>();
        for (byte[] outer : sent.outer()) {
            assertThat(outer.length).isLessThanOrEqualTo(OUTER_MTU);
        }
        for (byte[] outer : Reassembly.of(sent.outer())) {
            ReceivingEnd.Received one = peer.receive(outer);
            assertThat(one.reason()).isNull();
            received.add(one.inner());
        }
        if (received.size() > 1) {
            received = whole(received, spec.payload().linkHeaderBytes());
        }
        assertThat(received).containsExactly(inner);
        return true;
    }

    /** The packet that fragments make, each in a frame of its own where there are frames. */
    private static List<byte[]> whole(List<byte[]> fragments, int linkBytes) {
        byte[] link = Arrays.copyOf(fragments.get(0), linkBytes);
        return Reassembly.of(
                        fragments.stream()
                                .map(f -> Arrays.copyOfRange(f, linkBytes, f.length))
                                .toList())
                .stream()
                .map(packet -> concat(link, packet))
                .toList();
    }

    private static byte[] concat(byte[] head, byte[] tail) {
        byte[] all = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, all, head.length, tail.length);
        return all;
    }

    /** Routers on the way may change TOS, TTL and options; none of it reaches the inner packet. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void whatRoutersMayChangeOfTheOuterHeaderLeavesTheInnerPacketAlone(long seed) {
        RandomTunnels tunnels = new RandomTunnels(seed);
        for (int i = 0; i < 500; i++) {
            TunnelSpec spec = tunnels.specOverIpv4();
            boolean isIpv4 = spec.payload().carries(4);
            byte[] inner = tunnels.inner(isIpv4);
            Sent sent = new SendingEnd(spec, 65_535).send(inner);
            assertThat(sent.reason()).isNull();
            byte[] outer = withOptions(sent.only(), tunnels.random().nextInt(11) * 4);
            outer[1] = (byte) (tunnels.random().nextInt() << 2 | outer[1] & 3);
            outer[8] = (byte) tunnels.random().nextInt();
            ReceivingEnd.Received received =
                    new ReceivingEnd(Specs.peer(spec))
                            .receive(Ipv4Packet.withHeaderChecksum(outer));
            assertThat(received.reason()).isNull();
            assertThat(received.inner()).isEqualTo(inner);
        }
    }

    private static byte[] withOptions(byte[] packet, int optionsBytes) {
        byte[] longer = Arrays.copyOf(packet, packet.length + optionsBytes);
        System.arraycopy(packet, 20, longer, 20 + optionsBytes, packet.length - 20);
        Arrays.fill(longer, 20, 20 + optionsBytes, (byte) 1);
        longer[0] += (byte) (optionsBytes / 4);
        longer[2] = (byte) (longer.length >> 8);
        longer[3] = (byte) longer.length;
        return longer;
    }
}
