package io.culvert.doctor.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelWords;
import io.culvert.doctor.Finding;
import io.culvert.doctor.Severity;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteType;
import io.culvert.tunnel.TunnelSpec;
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
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made of packets that no test network can be made to send. */
final class PeerFindingsTest {
    private static final String LOCAL = "192.0.2.1";
    private static final String REMOTE = "192.0.2.2";
    private static final int UNDERLAY = 2;
    private static final int REQUESTS = 6;

    private final InnerEcho echo = new InnerEcho(ip("198.51.100.1"), ip("198.51.100.2"), 5, 99);
    private final InnerEcho plain = new InnerEcho(ip(LOCAL), ip(REMOTE), 6, 99);
    private final Sightings sightings =
            new Sightings(List.of(IpProtocol.GRE), UNDERLAY, echo, plain);
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

        assertThat(onlyFault("").id()).isEqualTo("ttl-exceeded");
        assertThat(onlyFault("").remedy()).isEqualTo("culvert run tun0 ... ttl 64");
    }

    @Test
    void aHostsOwnMulticastIsNoFault() {
        asked();
        answers(0, 1, 2, 3, 4, 5);
        error("192.0.2.254", Icmpv4Message.TIME_EXCEEDED, 0);

        assertThat(faults("")).isEmpty();
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
        TunnelSpec spec = TunnelWords.parse(Arrays.asList(words.strip().split(" "))).spec();
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
                        1500,
                        false);
        PeerExamination examination =
                new PeerExamination(
                        spec, List.of(IpProtocol.GRE), null, route, List.of(), 1476, null);
        Observation seen =
                new Observation(sightings, 1.2, 0.4, 1_000, REQUESTS, "", 1_000, 0, 0, 0);
        return new PeerFindings(examination, echo, seen, protocol -> "")
                .all().stream().filter(finding -> finding.severity() != Severity.OK).toList();
    }

    private static InetAddress ip(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
