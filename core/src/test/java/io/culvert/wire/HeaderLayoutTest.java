package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A layout says of every header what its view says. */
class HeaderLayoutTest {
    private final ByteBuffer memory = ByteBuffer.allocate(128);

    static Stream<HeaderLayout> layouts() {
        return Stream.of(
                EthernetHeader.LAYOUT,
                VlanTag.LAYOUT,
                LinuxCookedHeader.LAYOUT,
                LinuxCookedHeader2.LAYOUT,
                LoopbackHeader.LAYOUT,
                ArpMessage.LAYOUT,
                ArpMessage.ADDRESSES_LAYOUT,
                MplsLabel.LAYOUT,
                Ipv4Header.LAYOUT,
                Ipv6Header.LAYOUT,
                Ipv6ExtensionHeader.FRAGMENT_LAYOUT,
                Ipv6ExtensionHeader.ROUTING_LAYOUT,
                GreHeader.LAYOUT,
                GreHeader.CHECKSUM_LAYOUT,
                GreHeader.ROUTING_LAYOUT,
                GreHeader.KEY_LAYOUT,
                GreHeader.SEQUENCE_LAYOUT,
                GreRouteEntry.LAYOUT,
                PptpHeader.LAYOUT,
                ErspanHeader.TYPE_II_LAYOUT,
                ErspanHeader.TYPE_III_LAYOUT,
                ErspanHeader.PLATFORM_LAYOUT,
                WccpRedirect.LAYOUT,
                CiscoMetadata.LAYOUT,
                NhrpHeader.LAYOUT,
                GueHeader.LAYOUT,
                GueHeader.REMOTE_CHECKSUM_LAYOUT,
                UdpHeader.LAYOUT,
                TcpHeader.LAYOUT,
                Icmpv4Message.LAYOUT,
                Icmpv6Message.LAYOUT);
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void fieldsFollowEachOtherWithoutGapsAndFillWholeBytes(HeaderLayout layout) {
        int bitAt = 0;
        Set<String> names = new HashSet<>();
        for (HeaderLayout.Place place : layout.places()) {
            assertThat(place.bitAt()).isEqualTo(bitAt);
            assertThat(names.add(place.name())).as(place.name()).isTrue();
            assertThat(place.name()).matches("[a-z][a-z0-9-]*");
            bitAt += place.bits();
        }
        assertThat(bitAt).isEqualTo(layout.lengthBytes() * 8);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void viewAndLayoutReadTheSame(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            random.nextBytes(memory.array());
            int at = random.nextInt(16);
            Ipv4Header ip = new Ipv4Header().wrap(memory, at);
            assertReads(Ipv4Header.LAYOUT, at, "header-length", ip.headerLengthBytes() / 4);
            assertReads(Ipv4Header.LAYOUT, at, "dscp", ip.dscp());
            assertReads(Ipv4Header.LAYOUT, at, "ecn", ip.ecn());
            assertReads(Ipv4Header.LAYOUT, at, "total-length", ip.totalLengthBytes());
            assertReads(Ipv4Header.LAYOUT, at, "identification", ip.identification());
            assertReads(Ipv4Header.LAYOUT, at, "dont-fragment", ip.dontFragment() ? 1 : 0);
            assertReads(Ipv4Header.LAYOUT, at, "fragment-offset", ip.fragmentOffsetBytes() / 8);
            assertReads(Ipv4Header.LAYOUT, at, "ttl", ip.ttl());
            assertReads(Ipv4Header.LAYOUT, at, "source", ip.source() & 0xffff_ffffL);
            Ipv6Header six = new Ipv6Header().wrap(memory, at);
            assertReads(Ipv6Header.LAYOUT, at, "dscp", six.dscp());
            assertReads(Ipv6Header.LAYOUT, at, "ecn", six.ecn());
            assertReads(Ipv6Header.LAYOUT, at, "flow-label", six.flowLabel());
            assertReads(Ipv6Header.LAYOUT, at, "hop-limit", six.hopLimit());
            GreHeader gre = new GreHeader().wrap(memory, at);
            assertReads(GreHeader.LAYOUT, at, "key-present", gre.hasKey() ? 1 : 0);
            assertReads(GreHeader.LAYOUT, at, "routing-present", gre.hasRouting() ? 1 : 0);
            // the view leaves out the first of the five, which Linux does not look at
            long reserved = GreHeader.LAYOUT.place("reserved-flags").read(memory, at);
            assertThat(gre.reservedFlags()).isEqualTo((int) (reserved & 0x0f) << 3);
            assertReads(GreHeader.LAYOUT, at, "version", gre.version());
            assertReads(GreHeader.LAYOUT, at, "protocol-type", gre.protocolType());
            TcpHeader tcp = new TcpHeader().wrap(memory, at);
            assertReads(TcpHeader.LAYOUT, at, "data-offset", tcp.headerLengthBytes() / 4);
            assertReads(TcpHeader.LAYOUT, at, "syn", (tcp.flags() & TcpHeader.SYN) != 0 ? 1 : 0);
            assertReads(TcpHeader.LAYOUT, at, "cwr", (tcp.flags() & TcpHeader.CWR) != 0 ? 1 : 0);
            assertReads(TcpHeader.LAYOUT, at, "window", tcp.window());
            MplsLabel mpls = new MplsLabel().wrap(memory, at);
            assertReads(MplsLabel.LAYOUT, at, "label", mpls.label());
            assertReads(MplsLabel.LAYOUT, at, "bottom-of-stack", mpls.isBottomOfStack() ? 1 : 0);
            ErspanHeader erspan = new ErspanHeader().wrap(memory, at);
            assertReads(ErspanHeader.TYPE_II_LAYOUT, at, "session-id", erspan.sessionId());
            assertReads(ErspanHeader.TYPE_III_LAYOUT, at, "version", erspan.version());
            assertReads(ErspanHeader.TYPE_III_LAYOUT, at, "direction", erspan.isEgress() ? 1 : 0);
            assertReads(
                    ErspanHeader.TYPE_III_LAYOUT,
                    at,
                    "has-platform-header",
                    erspan.hasPlatformHeader() ? 1 : 0);
            PptpHeader pptp = new PptpHeader().wrap(memory, at);
            assertReads(PptpHeader.LAYOUT, at, "sequence-present", pptp.hasSequence() ? 1 : 0);
            assertReads(
                    PptpHeader.LAYOUT,
                    at,
                    "acknowledgment-present",
                    pptp.hasAcknowledgment() ? 1 : 0);
            assertReads(PptpHeader.LAYOUT, at, "call-id", pptp.callId());
            assertReads(PptpHeader.LAYOUT, at, "payload-length", pptp.payloadLengthBytes());
            EoipHeader eoip = new EoipHeader().wrap(memory, at);
            assertReads(EoipHeader.LAYOUT, at, "tunnel-id", eoip.tunnelId());
            assertReads(EoipHeader.LAYOUT, at, "payload-length", eoip.payloadLengthBytes());
            GueHeader gue = new GueHeader().wrap(memory, at);
            assertReads(GueHeader.LAYOUT, at, "version", gue.version());
            assertReads(GueHeader.LAYOUT, at, "control", gue.isControl() ? 1 : 0);
            assertReads(GueHeader.LAYOUT, at, "header-length", gue.lengthBytes() / 4 - 1);
            assertReads(GueHeader.LAYOUT, at, "protocol", gue.protocol());
            assertReads(GueHeader.LAYOUT, at, "flags", gue.flags());
            int fragment = IpProtocol.IPV6_FRAGMENT;
            Ipv6ExtensionHeader extension = new Ipv6ExtensionHeader().wrap(memory, at, fragment);
            HeaderLayout layout = Ipv6ExtensionHeader.FRAGMENT_LAYOUT;
            assertReads(layout, at, "fragment-offset", extension.fragmentOffsetBytes() / 8);
            assertReads(layout, at, "more-fragments", extension.moreFragments() ? 1 : 0);
            assertReads(
                    Ipv6ExtensionHeader.ROUTING_LAYOUT,
                    at,
                    "segments-left",
                    extension.segmentsLeft());
        }
    }

    @Test
    void aFieldOf64BitsUsesAllOfTheLong() {
        memory.putLong(LinuxCookedHeader.LENGTH - 10, 0xfedc_ba98_7654_3210L);
        assertReads(LinuxCookedHeader.LAYOUT, 0, "address", 0xfedc_ba98_7654_3210L);
    }

    @Test
    void aFieldThatIsNotThereIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UdpHeader.LAYOUT.place("ttl"))
                .withMessageContaining("ttl");
        assertThat(List.of(UdpHeader.LAYOUT.place("length").endByte())).containsExactly(6);
    }

    private void assertReads(HeaderLayout layout, int at, String name, long expected) {
        assertThat(layout.place(name).read(memory, at)).as(name).isEqualTo(expected);
    }
}
