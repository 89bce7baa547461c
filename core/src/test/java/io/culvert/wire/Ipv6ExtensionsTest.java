package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.Memory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Ipv6ExtensionsTest {
    private static final int AT = 7;

    // scapy 2.5: IPv6ExtHdrHopByHop()/IPv6ExtHdrRouting(addresses=['2001:db8::5'], segleft=1)
    //            /IPv6ExtHdrDestOpt(options=[PadN(optdata=b'\0'*12)])/UDP(sport=1, dport=2)
    private static final String HOP_BY_HOP = "2b00 010400000000";
    private static final String ROUTING = "3c02 0001 00000000 20010db8000000000000000000000005";
    private static final String DESTINATION_OPTIONS = "1101 010c 000000000000000000000000";
    private static final String UDP = "0001000200080000";

    private final Ipv6Extensions extensions = new Ipv6Extensions();

    @Test
    void aPacketWithoutExtensionsCarriesWhatItsHeaderSays() {
        assertThat(walk(IpProtocol.UDP, UDP)).isTrue();
        assertThat(extensions.protocol()).isEqualTo(IpProtocol.UDP);
        assertThat(extensions.endAt()).isEqualTo(AT + 40);
        assertThat(extensions.isFragment()).isFalse();
        assertThat(extensions.hasRouting()).isFalse();
    }

    @Test
    void aChainIsWalkedToItsEnd() {
        assertThat(walk(0, HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS, UDP)).isTrue();
        assertThat(extensions.protocol()).isEqualTo(IpProtocol.UDP);
        assertThat(extensions.endAt()).isEqualTo(AT + 40 + 8 + 24 + 16);
        assertThat(extensions.isFragment()).isFalse();
        assertThat(extensions.hasRouting()).isTrue();
    }

    @Test
    void aRouteThatIsDoneNoLongerHidesTheDestination() {
        assertThat(walk(43, ROUTING.replaceFirst("0001", "0000"), DESTINATION_OPTIONS, UDP))
                .isTrue();
        assertThat(extensions.hasRouting()).isFalse();
        assertThat(extensions.protocol()).isEqualTo(IpProtocol.UDP);
    }

    @Test
    void aFragmentHeaderEndsTheChain() {
        // what follows a fragment header may be the middle of anything
        assertThat(walk(44, "3c00 0009 00000001", "ffffffff")).isTrue();
        assertThat(extensions.isFragment()).isTrue();
        assertThat(extensions.protocol()).isEqualTo(IpProtocol.IPV6_DESTINATION_OPTIONS);
        assertThat(extensions.endAt()).isEqualTo(AT + 48);
        assertThat(extensions.hasRouting()).isFalse();
    }

    @Test
    void nothingIsLeftOfTheLastPacket() {
        walk(44, "1100 0009 00000001");
        walk(43, ROUTING, DESTINATION_OPTIONS, UDP);
        walk(IpProtocol.UDP, UDP);
        assertThat(extensions.isFragment()).isFalse();
        assertThat(extensions.hasRouting()).isFalse();
    }

    @Test
    void aChainCutShortAnywhereIsRefused() {
        byte[] chain = Hex.bytes(HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS);
        for (int bytes = 0; bytes < chain.length; bytes++) {
            byte[] cut = Arrays.copyOf(chain, bytes);
            assertThat(walk(0, cut)).as("%d bytes", bytes).isFalse();
        }
        assertThat(walk(0, chain)).isTrue();
        assertThat(walk(44, Hex.bytes("1100 0000 000000"))).isFalse();
    }

    @Test
    void aHeaderThatIsNoExtensionIsNotLookedInto() {
        for (int protocol : new int[] {1, 4, 6, 17, 41, 47, 50, 51, 58, 59, 135, 255}) {
            assertThat(walk(protocol, new byte[0])).as("protocol %d", protocol).isTrue();
            assertThat(extensions.protocol()).isEqualTo(protocol);
            assertThat(extensions.endAt()).isEqualTo(AT + 40);
        }
    }

    private boolean walk(int nextHeader, String... payloadHex) {
        return walk(nextHeader, Hex.bytes(payloadHex));
    }

    private boolean walk(int nextHeader, byte[] payload) {
        byte[] packet = new Ipv6Packet().nextHeader(nextHeader).payload(payload).bytes();
        return extensions.walk(Memory.holding(packet, AT), AT);
    }
}
