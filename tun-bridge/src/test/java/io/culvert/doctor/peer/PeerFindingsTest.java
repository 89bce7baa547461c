package io.culvert.doctor.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelWords;
import io.culvert.doctor.Cures;
import io.culvert.doctor.Finding;
import io.culvert.doctor.Rerun;
import io.culvert.doctor.Severity;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteMtus;
import io.culvert.netlink.RouteType;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFields;
import io.culvert.wire.GreHeader;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv4Header;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of packets that no test network can be made to send. */
final class PeerFindingsTest {
    private static final String LOCAL = "192.0.2.1";
    private static final String REMOTE = "192.0.2.2";
    private static final int UNDERLAY = 2;
    private static final int REQUESTS = 6;

    private final InnerEcho echo = new InnerEcho(ip("198.51.100.1"), ip("198.51.100.2"), 5, 99);
    private final InnerEcho plain = new InnerEcho(ip(LOCAL), ip(REMOTE), 6, 99);
    private final Sightings sightings =
            new Sightings(List.of(IpProtocol.GRE), Set.of(UNDERLAY), echo, plain);
    private List<TunnelSpec> others = List.of();
    private long sequence;
    private long nanos = 1_000;

    @Test
    void allAnswersOnceAndInOrder() {
        asked();
        answers(0, 1, 2, 3, 4, 5);

        assertThat(faults("")).isEmpty();
    }

    @Test
    void answersThatCameTwice() {
        asked();
        answers(0, 1, 1, 2, 3, 3, 4, 5);

        assertThat(onlyFault("").id()).isEqualTo("duplicates");
        assertThat(onlyFault("").evidence()).startsWith("2 of 6 pings");
    }

    @Test
    void answersThatOvertookOthers() {
        asked();
        answers(0, 2, 1, 3, 5, 4);

        assertThat(onlyFault("").id()).isEqualTo("reordering");
        assertThat(onlyFault("").evidence()).isEqualTo("2 of 6 answers came behind later ones");
    }

    @Test
    void lossOnTheWayThereIsToldByThePeersNumbers() {
        asked();
        answers(0, 1, 3, 4, 5);

        assertThat(onlyFault("seq").evidence())
                .isEqualTo(
                        "1 of 6 pings of 198.51.100.2 were not answered; of 5 numbered packets"
                                + " from the peer 0 are missing");
        assertThat(onlyFault("seq").meaning()).contains("on the way there");
    }

    @Test
    void lossOnTheWayHereIsToldByAGap() {
        asked();
        answers(0, 1);
        sequence++;
        answers(3, 4, 5);

        assertThat(onlyFault("seq").meaning()).contains("on the way here");
    }

    @Test
    void aPeerWhoseKernelHasNoSuchTunnel() {
        asked();
        error(REMOTE, Icmpv4Message.DESTINATION_UNREACHABLE, Icmpv4Message.PORT_UNREACHABLE);

        assertThat(onlyFault("").id()).isEqualTo("peer-port-unreachable");
        assertThat(onlyFault("").severity()).isEqualTo(Severity.ERROR);
        assertThat(onlyFault("").evidence())
                .isEqualTo("1 ICMP errors: port unreachable (3/3) from 192.0.2.2");
    }

    @Test
    void aTtlThatIsUsedUp() {
        asked();
        error("192.0.2.254", Icmpv4Message.TIME_EXCEEDED, 0);

        assertThat(onlyFault("ttl 3").id()).isEqualTo("ttl-exceeded");
        assertThat(onlyFault("ttl 3").meaning()).endsWith("ttl 3 does not reach the peer");
        assertThat(onlyFault("ttl 3").remedy())
                .isEqualTo(
                        "culvert run tun0 mode gre remote 192.0.2.2 local 192.0.2.1 ttl 64"
                                + "    # now with ttl 64");
        // pings have 64 inside, which is enough outside as well: another ttl is no cure
        assertThat(onlyFault("").meaning()).contains("in a circle");
        assertThat(onlyFault("").remedy()).isEqualTo("traceroute -n 192.0.2.2");
    }

    @Test
    void multicastOfARoutingProtocolWhoseTtlIsUsedUp() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        expired("224.0.0.5", 89);

        Finding fault = onlyFault("");

        assertThat(fault.id()).isEqualTo("multicast-ttl");
        assertThat(fault.severity()).isEqualTo(Severity.WARNING);
        assertThat(fault.evidence())
                .isEqualTo(
                        "1 ICMP errors: time exceeded (11/0) from 192.0.2.254 about packets to"
                                + " 224.0.0.5, whose inner TTL was 1");
        assertThat(fault.remedy()).endsWith("# now with ttl 64");
        assertThat(faults("ttl 64")).isEmpty();
    }

    @Test
    void multicastThatDiesIsNotWhyAPeerIsSilent() {
        asked();
        expired("224.0.0.5", 89);

        assertThat(faults(""))
                .extracting(Finding::id)
                .containsExactly("multicast-ttl", "nothing-comes-back");
    }

    @ParameterizedTest
    @CsvSource({
        "224.0.0.22, 2", // a host's own IGMP report
        "198.51.100.9, 17", // a traceroute
        "198.51.100.9, 1"
    })
    void whatMayDieOnTheWayIsNoFault(String destination, int protocol) {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        expired(destination, protocol);

        assertThat(faults("")).isEmpty();
    }

    @Test
    void bgpOverTcpHasATtlOfOneToo() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        expired("198.51.100.2", IpProtocol.TCP);

        assertThat(onlyFault("").id()).isEqualTo("multicast-ttl");
    }

    @ParameterizedTest
    @CsvSource({
        "0000 6558, 'Ethernet (0x6558)', the peer bridges (gretap);",
        "2000 6558 00123405, 'Ethernet (0x6558)', 'or is an NVGRE switch: key 1192965 is virtual"
                + " subnet 4660, flow 5;'",
        "2001 6400 00000064 , Ethernet over IP (EoIP) of tunnel id 25600, MikroTik",
        "2001 6400 00006400, Ethernet over IP (EoIP) of tunnel id 100, MikroTik",
        "2001 880b 00000007, PPTP (GRE version 1) of call 7, its call number is no key",
        "1000 88be 00000001, ERSPAN I or II (0x88be), mirrors",
        "1000 22eb 00000001, ERSPAN III (0x22eb), mirrors",
        "0000 00fe, IS-IS (0x00fe), routes by IS-IS",
        "0000 8847, MPLS (0x8847), labels",
        "0000 8909, Cisco metadata (0x8909), security group tags",
        "0000 2001, NHRP (0x2001), DMVPN",
        "0000 abcd, protocol type (0xabcd), another protocol than IP"
    })
    void aPeerOfAnotherKindIsNamed(String header, String kind, String sender) {
        asked();
        for (int number = 0; number < 22; number++) {
            gre(header);
        }

        Finding fault = onlyFault("key 9");

        assertThat(fault.id()).isEqualTo("peer-payload");
        assertThat(fault.severity()).isEqualTo(Severity.ERROR);
        assertThat(fault.evidence()).isEqualTo("22 of 22 packets from 192.0.2.2 carry " + kind);
        assertThat(fault.meaning()).contains(sender);
        assertThat(fault.remedy())
                .isEqualTo(
                        "on the peer: ip tunnel add NAME mode gre remote 192.0.2.1 local 192.0.2.2"
                                + " okey 9");
    }

    @Test
    void anotherProtocolBetweenIpPacketsIsAWarning() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        gre("0000 00fe");

        assertThat(onlyFault("").evidence())
                .isEqualTo("1 of 7 packets from 192.0.2.2 carry IS-IS (0x00fe)");
        assertThat(onlyFault("").severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void keepalivesAndWccpAreNotForeign() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        gre("0000 0000");
        gre("0000 883e");

        assertThat(faults("")).isEmpty();
    }

    @Test
    void aSecondKeyOfTheSameAddressIsASecondPeer() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        gre("2000 0800 00000009");

        assertThat(onlyFault("").id()).isEqualTo("second-peer");
        assertThat(onlyFault("").evidence()).contains("1 of 7 packets", "have key 9");
        assertThat(onlyFault("").remedy())
                .startsWith("culvert run NAME mode gre remote 192.0.2.2 local 192.0.2.1 key 9");
    }

    @Test
    void theKeyOfAnotherTunnelHereIsNoFault() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        gre("2000 0800 00000009");
        others = List.of(spec("tun9 mode gre remote 192.0.2.2 local 192.0.2.1 key 9"));

        assertThat(faults("")).isEmpty();
    }

    @Test
    void onlyAnotherTunnelOfTheSameRemoteGetsThrough() {
        asked();
        gre("2000 0800 00000009");
        others = List.of(spec("tun9 mode gre remote 192.0.2.2 local 192.0.2.1 key 9"));

        assertThat(onlyFault("").id()).isEqualTo("only-others-come");
        assertThat(onlyFault("").meaning()).contains("NAT lets only one of them through");
    }

    @Test
    void anotherTunnelsTrafficIsNotThePeerByAnotherAddress() {
        asked();
        sightings.add(outer(false, "192.0.2.3", LOCAL, echo.request(0, 84), true));
        others = List.of(spec("tun9 mode gre remote 192.0.2.3 local 192.0.2.1 csum"));

        assertThat(onlyFault("").id()).isEqualTo("nothing-comes-back");
    }

    @Test
    void aPeerThatSendsToAnotherAddressOfThisHost() {
        asked();
        sightings.add(outer(false, REMOTE, "192.0.2.5", echo.request(0, 84), false));

        assertThat(onlyFault("").id()).isEqualTo("another-local-address");
        assertThat(onlyFault("").evidence())
                .isEqualTo(
                        "1 gre (IP protocol 47) packets from 192.0.2.2 came to 192.0.2.5, none to"
                                + " the local address 192.0.2.1");
        assertThat(onlyFault("").remedy()).contains("remote 192.0.2.2 local 192.0.2.5");
    }

    @Test
    void aChecksumThatIsDamaged() {
        asked();
        for (int number = 0; number < REQUESTS; number++) {
            TapPacket packet = answer(number, true);
            packet.bytes().put(packet.bytes().limit() - 1, (byte) 0x55);
            sightings.add(packet);
        }

        assertThat(onlyFault("csum").id()).isEqualTo("checksum-wrong");
    }

    @Test
    void aHostThatRefusesThePeer() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        sightings.add(icmp(true, LOCAL, REMOTE, LOCAL, REMOTE, Icmpv4Message.PROTOCOL_UNREACHABLE));

        assertThat(onlyFault("").id()).isEqualTo("icmp-unreachable-out");
        assertThat(onlyFault("").evidence())
                .contains("protocol unreachable (3/2) about packets from 192.0.2.2");
    }

    @Test
    void aTunnelThatSendsNothing() {
        assertThat(onlyFault("").id()).isEqualTo("nothing-sent");
    }

    private void asked() {
        for (int number = 0; number < REQUESTS; number++) {
            sightings.add(outer(true, LOCAL, REMOTE, echo.request(number, 84), false));
        }
    }

    private void answers(int... numbers) {
        for (int number : numbers) {
            sightings.add(answer(number, false));
        }
    }

    private TapPacket answer(int number, boolean hasChecksum) {
        ByteBuffer inner = echo.request(number, 84);
        inner.put(Ipv4Header.MIN_LENGTH, (byte) Icmpv4Message.ECHO_REPLY);
        return outer(false, REMOTE, LOCAL, inner, hasChecksum);
    }

    private TapPacket outer(
            boolean isOutgoing, String from, String to, ByteBuffer inner, boolean hasChecksum) {
        boolean hasSequence = !isOutgoing && !hasChecksum;
        GreFields fields = new GreFields(hasChecksum, false, 0, hasSequence, EtherType.IPV4);
        int greAt = Ipv4Header.MIN_LENGTH;
        ByteBuffer packet = ByteBuffer.allocate(greAt + fields.lengthBytes() + inner.capacity());
        header(packet, from, to, IpProtocol.GRE);
        fields.write(packet, greAt);
        GreHeader gre = new GreHeader().wrap(packet, greAt);
        packet.put(gre.payloadAt(), inner, 0, inner.capacity());
        if (hasSequence) {
            gre.sequenceNumber((int) sequence++);
        }
        if (hasChecksum) {
            gre.writeChecksum(packet.capacity() - greAt);
        }
        return new TapPacket(nanos++, UNDERLAY, isOutgoing, packet);
    }

    /** An error of a router about a packet of ours, inside of which the TTL was 1. */
    private void expired(String innerDestination, int innerProtocol) {
        ByteBuffer inner = ByteBuffer.allocate(28);
        header(inner, "198.51.100.1", innerDestination, innerProtocol);
        new Ipv4Header().wrap(inner, 0).ttl(1).writeHeaderChecksum();
        ByteBuffer quote = outer(true, LOCAL, REMOTE, inner, false).bytes();
        int quoteAt = Ipv4Header.MIN_LENGTH + Icmpv4Message.HEADER_LENGTH;
        ByteBuffer packet = ByteBuffer.allocate(quoteAt + quote.limit());
        header(packet, "192.0.2.254", LOCAL, IpProtocol.ICMP);
        new Icmpv4Message().wrap(packet, Ipv4Header.MIN_LENGTH).timeExceeded(0);
        packet.put(quoteAt, quote, 0, quote.limit());
        sightings.add(new TapPacket(nanos++, UNDERLAY, false, packet));
    }

    /** A packet of the peer's whose GRE header, and no more, is these hexadecimal digits. */
    private void gre(String header) {
        byte[] octets = HexFormat.of().parseHex(header.replace(" ", ""));
        ByteBuffer packet = ByteBuffer.allocate(Ipv4Header.MIN_LENGTH + octets.length);
        header(packet, REMOTE, LOCAL, IpProtocol.GRE);
        packet.put(Ipv4Header.MIN_LENGTH, octets);
        sightings.add(new TapPacket(nanos++, UNDERLAY, false, packet));
    }

    private static TunnelSpec spec(String words) {
        return TunnelWords.parse(Arrays.asList(words.split(" "))).spec();
    }

    private void error(String from, int type, int code) {
        TapPacket packet = icmp(false, from, LOCAL, REMOTE, LOCAL, code);
        packet.bytes().put(Ipv4Header.MIN_LENGTH, (byte) type);
        sightings.add(packet);
    }

    private TapPacket icmp(
            boolean isOutgoing,
            String from,
            String to,
            String quotedDestination,
            String quotedSource,
            int code) {
        int quoteAt = Ipv4Header.MIN_LENGTH + Icmpv4Message.HEADER_LENGTH;
        ByteBuffer packet = ByteBuffer.allocate(quoteAt + Ipv4Header.MIN_LENGTH + 8);
        header(packet, from, to, IpProtocol.ICMP);
        new Icmpv4Message().wrap(packet, Ipv4Header.MIN_LENGTH).destinationUnreachable(code);
        ByteBuffer quote = packet.slice(quoteAt, Ipv4Header.MIN_LENGTH + 8);
        header(quote, quotedSource, quotedDestination, IpProtocol.GRE);
        return new TapPacket(nanos++, UNDERLAY, isOutgoing, packet);
    }

    private static void header(ByteBuffer packet, String from, String to, int protocol) {
        new Ipv4Header()
                .wrap(packet, 0)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .totalLengthBytes(packet.capacity())
                .ttl(64)
                .protocol(protocol)
                .source(Ipv4Address.parse(from))
                .destination(Ipv4Address.parse(to))
                .writeHeaderChecksum();
    }

    private Finding onlyFault(String options) {
        List<Finding> faults = faults(options);
        assertThat(faults).hasSize(1);
        return faults.get(0);
    }

    private List<Finding> faults(String options) {
        String words = "tun0 mode gre remote " + REMOTE + " local " + LOCAL + " " + options;
        TunnelConfig config = TunnelWords.parse(Arrays.asList(words.strip().split(" ")));
        RouteAnswer route =
                new RouteAnswer(
                        ip(REMOTE),
                        RouteType.UNICAST,
                        0,
                        UNDERLAY,
                        "eth0",
                        null,
                        ip(LOCAL),
                        IpPrefix.host(ip(REMOTE)),
                        254,
                        0,
                        RouteMtus.ofLink(1500),
                        false);
        PeerExamination examination =
                new PeerExamination(
                        config.spec(),
                        List.of(IpProtocol.GRE),
                        null,
                        route,
                        List.of(),
                        1476,
                        null,
                        List.of(),
                        others,
                        new Rerun(config, "", null, ""));
        Observation seen =
                new Observation(sightings, 1.2, 0.4, 1_000, REQUESTS, "", 1_000, 0, 0, 0);
        return Cures.allTaken(new PeerFindings(examination, echo, seen, protocol -> "").all())
                .stream()
                .filter(finding -> finding.severity() != Severity.OK)
                .toList();
    }

    private static InetAddress ip(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
