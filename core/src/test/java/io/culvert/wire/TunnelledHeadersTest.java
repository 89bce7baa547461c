package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** The views of headers that are only looked at: what stands around and behind GRE and UDP. */
class TunnelledHeadersTest {
    private static final int AT = 3;

    // scapy 2.5: Ether(src='02:00:00:00:00:02',dst='02:00:00:00:00:01')/Dot1Q(vlan=7,prio=3)/IP()
    private static final byte[] FRAME =
            Hex.bytes("020000000001 020000000002 8100", "6007 0800", "45");

    // tcpdump -i any -w, SLL and SLL2, of an echo request
    private static final byte[] SLL = Hex.bytes("0004 0001 0006 0200000000020000 0800");
    private static final byte[] SLL2 = Hex.bytes("86dd 0000 00000003 0001 04 06 0200000000020000");

    // scapy 2.5: ARP(op=1,hwsrc='02:00:00:00:00:02',psrc='192.0.2.2',pdst='192.0.2.1')
    private static final byte[] ARP =
            Hex.bytes("0001 0800 06 04 0001", "020000000002 c0000202", "000000000000 c0000201");

    // scapy 2.5: MPLS(label=100,cos=1,s=0,ttl=63)/MPLS(label=16,s=1,ttl=62)
    private static final byte[] MPLS = Hex.bytes("0006423f", "0001013e");

    // a Linux 6.1 kernel, vectors erspan1-in4: session 30, index 123
    private static final byte[] ERSPAN = Hex.bytes("1000001e", "0000007b");

    // tcpdump tests/various_gre.pcap: a keepalive of a Cisco router
    private static final byte[] METADATA = Hex.bytes("0800 01 01 0001 0000");

    // RFC 2637 §4.1: sequence 1, acknowledgment 2, call 5, a payload of 9 bytes
    private static final byte[] PPTP = Hex.bytes("3081 880b 0009 0005", "00000001", "00000002");

    // a Linux 6.1 kernel, vectors gue-ipip-csum-remcsum-in4
    private static final byte[] GUE = Hex.bytes("02 04 0001", "80000000", "0014 0016");

    @Test
    void linkHeadersSayWhatFollows() {
        EthernetHeader ethernet = new EthernetHeader().wrap(Memory.holding(FRAME, AT), AT);
        assertThat(ethernet.etherType()).isEqualTo(EtherType.VLAN);
        assertThat(ethernet.payloadAt()).isEqualTo(AT + 14);
        VlanTag tag = new VlanTag().wrap(Memory.holding(FRAME, AT), ethernet.payloadAt());
        assertThat(tag.etherType()).isEqualTo(EtherType.IPV4);
        assertThat(tag.payloadAt()).isEqualTo(AT + 18);
        LinuxCookedHeader sll = new LinuxCookedHeader().wrap(Memory.holding(SLL, AT), AT);
        assertThat(sll.protocolType()).isEqualTo(EtherType.IPV4);
        assertThat(sll.payloadAt()).isEqualTo(AT + 16);
        LinuxCookedHeader2 sll2 = new LinuxCookedHeader2().wrap(Memory.holding(SLL2, AT), AT);
        assertThat(sll2.protocolType()).isEqualTo(EtherType.IPV6);
        assertThat(sll2.payloadAt()).isEqualTo(AT + 20);
        assertNeeds(14, limit -> ethernet.isValid(limit));
        assertNeeds(4, limit -> tag.isValid(limit));
        assertNeeds(16, limit -> sll.isValid(limit));
        assertNeeds(20, limit -> sll2.isValid(limit));
    }

    @Test
    void aLoopbackFamilyIsReadInEitherByteOrder() {
        LoopbackHeader header = new LoopbackHeader();
        int[][] families = {
            {2, 4}, {0x02000000, 4}, {24, 6}, {28, 6}, {30, 6}, {0x1e000000, 6}, {10, 6}, {7, 0}
        };
        for (int[] family : families) {
            ByteBuffer memory = ByteBuffer.allocate(4).putInt(0, family[0]);
            assertThat(header.wrap(memory, 0).ipVersion()).isEqualTo(family[1]);
        }
        assertThat(header.payloadAt()).isEqualTo(4);
        assertNeeds(4, limit -> header.isValid(limit));
    }

    @Test
    void anArpMessageHasItsAddressesOnlyInTheUsualSizes() {
        ArpMessage arp = new ArpMessage().wrap(Memory.holding(ARP, AT), AT);
        assertThat(arp.operation()).isEqualTo(1);
        assertThat(arp.isMacAndIpv4()).isTrue();
        assertThat(arp.addressesAt()).isEqualTo(AT + 8);
        assertNeeds(28, limit -> arp.isValid(limit));
        byte[] other = ARP.clone();
        other[4] = 8;
        arp.wrap(Memory.holding(other, AT), AT);
        assertThat(arp.isMacAndIpv4()).isFalse();
        assertNeeds(8, limit -> arp.isValid(limit));
    }

    @Test
    void theLastLabelOfAStackSaysSo() {
        MplsLabel label = new MplsLabel().wrap(Memory.holding(MPLS, AT), AT);
        assertThat(label.label()).isEqualTo(100);
        assertThat(label.isBottomOfStack()).isFalse();
        label.wrap(Memory.holding(MPLS, AT), label.payloadAt());
        assertThat(label.label()).isEqualTo(16);
        assertThat(label.isBottomOfStack()).isTrue();
        assertNeeds(4, limit -> label.isValid(limit));
    }

    @Test
    void anErspanHeaderHasTheLengthOfItsType() {
        ErspanHeader erspan = new ErspanHeader().wrap(Memory.holding(ERSPAN, AT), AT);
        assertThat(erspan.version()).isEqualTo(ErspanHeader.TYPE_II);
        assertThat(erspan.sessionId()).isEqualTo(30);
        assertThat(erspan.payloadAt()).isEqualTo(AT + 8);
        assertNeeds(8, limit -> erspan.isValid(limit));
        erspan.wrap(ByteBuffer.wrap(Hex.bytes("2064e01e 01020304 00000008")), 0);
        assertThat(erspan.lengthBytes()).isEqualTo(12);
        assertThat(erspan.isEgress()).isTrue();
        assertNeeds(12, limit -> erspan.isValid(limit));
        erspan.wrap(ByteBuffer.wrap(Hex.bytes("2064e01e 01020304 00000001 0000000000000000")), 0);
        assertThat(erspan.lengthBytes()).isEqualTo(20);
        assertThat(erspan.isEgress()).isFalse();
        assertNeeds(20, limit -> erspan.isValid(limit));
        erspan.wrap(ByteBuffer.wrap(Hex.bytes("3064e01e 01020304")), 0);
        assertThat(erspan.isValid(8)).isFalse();
    }

    @Test
    void metadataNamesWhatFollowsIt() {
        CiscoMetadata metadata = new CiscoMetadata().wrap(Memory.holding(METADATA, AT), AT);
        assertThat(metadata.protocolType()).isEqualTo(EtherType.IPV4);
        assertThat(metadata.payloadAt()).isEqualTo(AT + 8);
        assertNeeds(8, limit -> metadata.isValid(limit));
    }

    @Test
    void pptpWordsStandWhereTheFlagsPutThem() {
        PptpHeader pptp = new PptpHeader().wrap(Memory.holding(PPTP, AT), AT);
        assertThat(pptp.sequenceAt()).isEqualTo(AT + 8);
        assertThat(pptp.acknowledgmentAt()).isEqualTo(AT + 12);
        assertThat(pptp.payloadAt()).isEqualTo(AT + 16);
        assertThat(pptp.callId()).isEqualTo(5);
        assertThat(pptp.payloadLengthBytes()).isEqualTo(9);
        assertNeeds(16, limit -> pptp.isValid(limit));
        pptp.wrap(ByteBuffer.wrap(Hex.bytes("2081 880b 0000 0005 00000003")), 0);
        assertThat(pptp.acknowledgmentAt()).isEqualTo(8);
        assertThat(pptp.lengthBytes()).isEqualTo(12);
        pptp.wrap(ByteBuffer.wrap(Hex.bytes("2001 880b 0000 0005")), 0);
        assertThat(pptp.lengthBytes()).isEqualTo(8);
    }

    /** As tshark 4.0 decodes them: "MIKROTIK EoIP", with 0x00326400 where GRE has a key. */
    @Test
    void anEoipTunnelIdHasItsLeastSignificantByteFirst() {
        byte[] frame = new byte[14];
        byte[] header = Hex.bytes("2001 6400 000e 6400");
        byte[] bytes = Arrays.copyOf(header, EoipHeader.LENGTH + frame.length);
        EoipHeader eoip = new EoipHeader().wrap(Memory.holding(bytes, AT), AT);
        assertThat(eoip.tunnelId()).isEqualTo(100);
        assertThat(eoip.payloadLengthBytes()).isEqualTo(frame.length);
        assertThat(eoip.isKeepalive()).isFalse();
        assertThat(eoip.payloadAt()).isEqualTo(AT + 8);
        assertNeeds(bytes.length, limit -> eoip.isValid(limit));
        eoip.wrap(ByteBuffer.wrap(Hex.bytes("2001 6400 0000 34ff")), 0);
        assertThat(eoip.tunnelId()).isEqualTo(0xff34);
        assertThat(eoip.isKeepalive()).isTrue();
        assertNeeds(8, limit -> eoip.isValid(limit));
        ByteBuffer pptp = ByteBuffer.wrap(Hex.bytes("2001 880b 0000 6400"));
        assertThat(eoip.wrap(pptp, 0).isValid(8)).isFalse();
        assertThat(EoipHeader.isEoip(ByteBuffer.wrap(Hex.bytes("2000 6400")), 0)).isFalse();
    }

    @Test
    void aPppFrameMayLeaveOutWhatIsAlwaysTheSame() {
        String[] frames = {"ff03 0021", "ff03 21", "0021", "21"};
        int[] lengths = {4, 3, 2, 1};
        for (int i = 0; i < frames.length; i++) {
            byte[] bytes = Hex.bytes(frames[i]);
            ByteBuffer memory = ByteBuffer.wrap(bytes);
            PppHeader ppp = new PppHeader().wrap(memory, 0, bytes.length);
            assertThat(ppp.isValid()).isTrue();
            assertThat(ppp.protocol()).isEqualTo(PppHeader.IPV4);
            assertThat(ppp.lengthBytes()).isEqualTo(lengths[i]);
            for (int limit = 0; limit < bytes.length; limit++) {
                boolean cutsAddress = frames[i].startsWith("ff") && limit == 1;
                ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(bytes, limit));
                assertThat(ppp.wrap(cut, 0, limit).isValid()).isEqualTo(cutsAddress);
            }
        }
    }

    @Test
    void aGueHeaderCountsItsFieldsInWords() {
        GueHeader gue = new GueHeader().wrap(Memory.holding(GUE, AT), AT);
        assertThat(gue.protocol()).isEqualTo(IpProtocol.IPIP);
        assertThat(gue.lengthBytes()).isEqualTo(12);
        assertThat(gue.fieldsAt()).isEqualTo(AT + 4);
        assertThat(gue.payloadAt()).isEqualTo(AT + 12);
        assertThat(gue.hasRemoteChecksum()).isTrue();
        assertThat(gue.isControl()).isFalse();
        assertNeeds(12, limit -> gue.isValid(limit));
        gue.wrap(ByteBuffer.wrap(Hex.bytes("20 01 0000")), 0);
        assertThat(gue.isControl()).isTrue();
        assertThat(gue.hasRemoteChecksum()).isFalse();
        gue.wrap(ByteBuffer.wrap(Hex.bytes("45000014")), 0);
        assertThat(gue.version()).isEqualTo(1);
        assertThat(gue.isValid(100)).isFalse();
    }

    @Test
    void aRouteEntryOfNoLengthIsTheLast() {
        byte[] entries = Hex.bytes("0800 00 04 c0000209", "0000 00 00");
        GreRouteEntry entry = new GreRouteEntry().wrap(ByteBuffer.wrap(entries), 0);
        assertThat(entry.routingBytes()).isEqualTo(4);
        assertThat(entry.routingAt()).isEqualTo(4);
        assertNeeds(8, limit -> entry.isValid(limit));
        assertThat(entry.wrap(ByteBuffer.wrap(entries), 8).routingBytes()).isZero();
        assertThat(entry.lengthBytes()).isEqualTo(4);
    }

    @Test
    void optionsCountTheirLengthAsTheirHeaderDoes() {
        HeaderOption option = new HeaderOption();
        ByteBuffer alert = ByteBuffer.wrap(Hex.bytes("94 04 0000"));
        assertThat(option.wrap(alert, 0, false).isValid(4)).isTrue();
        assertThat(option.lengthBytes()).isEqualTo(4);
        assertThat(option.valueLengthBytes()).isEqualTo(2);
        assertThat(option.isValid(3)).isFalse();
        ByteBuffer limit = ByteBuffer.wrap(Hex.bytes("04 01 04"));
        assertThat(option.wrap(limit, 0, true).isValid(3)).isTrue();
        assertThat(option.type()).isEqualTo(HeaderOption.TUNNEL_ENCAPSULATION_LIMIT);
        assertThat(option.lengthBytes()).isEqualTo(3);
        assertThat(option.firstValueOctet()).isEqualTo(4);
        assertThat(option.valueAt()).isEqualTo(2);
        ByteBuffer padding = ByteBuffer.wrap(Hex.bytes("01 01 00"));
        assertThat(option.wrap(padding, 0, false).lengthBytes()).isEqualTo(1);
        assertThat(option.valueLengthBytes()).isZero();
        assertThat(option.wrap(padding, 0, true).lengthBytes()).isEqualTo(3);
        assertThat(option.wrap(padding, 2, true).lengthBytes()).isEqualTo(1);
        assertThat(option.isValid(0)).isFalse();
        ByteBuffer tooShort = ByteBuffer.wrap(Hex.bytes("07 01"));
        assertThat(option.wrap(tooShort, 0, false).isValid(2)).isFalse();
        assertThat(option.wrap(tooShort, 0, false).isValid(1)).isFalse();
    }

    @Test
    void anExtensionHeaderCountsItsLengthInUnitsOfEight() {
        Ipv6ExtensionHeader header = new Ipv6ExtensionHeader();
        ByteBuffer memory =
                ByteBuffer.wrap(Hex.bytes("2f 01 04 01", "04 01 01 00", "0000000000000000"));
        header.wrap(memory, 0, IpProtocol.IPV6_DESTINATION_OPTIONS);
        assertThat(header.nextHeader()).isEqualTo(IpProtocol.GRE);
        assertThat(header.lengthBytes()).isEqualTo(16);
        assertThat(header.optionsAt()).isEqualTo(2);
        assertThat(header.endAt()).isEqualTo(16);
        assertNeeds(16, limit -> header.isValid(limit));
        header.wrap(memory, 0, IpProtocol.IPV6_FRAGMENT);
        assertThat(header.lengthBytes()).isEqualTo(8);
        assertNeeds(8, limit -> header.isValid(limit));
    }

    @Test
    void anIcmpErrorSaysHowMuchItQuotes() {
        ByteBuffer four = ByteBuffer.wrap(Hex.bytes("0b00 0000 00 20 0000"));
        assertThat(new Icmpv4Message().wrap(four, 0).quoteWords()).isEqualTo(32);
        ByteBuffer six = ByteBuffer.wrap(Hex.bytes("0104 0000 10 000000"));
        assertThat(new Icmpv6Message().wrap(six, 0).quoteWords()).isEqualTo(16);
        six.put(0, (byte) Icmpv6Message.PACKET_TOO_BIG);
        assertThat(new Icmpv6Message().wrap(six, 0).quoteWords()).isZero();
    }

    private static void assertNeeds(int lengthBytes, IntPredicate isValid) {
        assertThat(isValid.test(lengthBytes - 1)).as("one byte less").isFalse();
        assertThat(isValid.test(lengthBytes)).as("enough").isTrue();
        assertThat(isValid.test(lengthBytes + 1)).as("more").isTrue();
        assertThat(isValid.test(0)).isFalse();
    }
}
