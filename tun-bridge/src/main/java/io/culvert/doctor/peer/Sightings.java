package io.culvert.doctor.peer;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreHeader;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Address;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** What was seen on the wire, decoded. Grows while it is looked at. One thread. */
final class Sightings {
    /** Some seconds of a busy tunnel; what comes behind is as what came before. */
    private static final int MOST = 50_000;

    private final List<Integer> protocols;
    private final Set<Integer> underlays;
    private final InnerEcho echo;
    private final InnerEcho plainEcho;
    private final List<OuterSight> outer = new ArrayList<>();
    private final List<IcmpSight> errors = new ArrayList<>();
    private final Map<Integer, Long> firstAnswerNanos = new TreeMap<>();
    private final List<Integer> answers = new ArrayList<>();
    private final List<Integer> answersAside = new ArrayList<>();
    private boolean isPlainEchoAnswered;
    private int arrivalLink;

    /**
     * @param protocols the tunnel's
     * @param underlays indices of the devices that its packets may leave by
     * @param echo what is asked through the tunnel; {@code null} when nothing is
     * @param plainEcho what is asked beside it
     */
    Sightings(
            List<Integer> protocols, Set<Integer> underlays, InnerEcho echo, InnerEcho plainEcho) {
        this.protocols = protocols;
        this.underlays = Set.copyOf(underlays);
        this.echo = echo;
        this.plainEcho = plainEcho;
    }

    /** Outer packets of the tunnel's protocols, whoever sent them. */
    List<OuterSight> outer() {
        return outer;
    }

    /** ICMP errors about such packets. */
    List<IcmpSight> errors() {
        return errors;
    }

    /** Numbers of requests in the order in which their answers came through the tunnel. */
    List<Integer> answers() {
        return answers;
    }

    /** The same for answers that came, but not through the tunnel. */
    List<Integer> answersAside() {
        return answersAside;
    }

    /** When the first answer to a request came; null when none did. */
    Long answerNanos(int number) {
        return firstAnswerNanos.get(number);
    }

    /** Whether the remote answers a ping that goes beside the tunnel. */
    boolean isPlainEchoAnswered() {
        return isPlainEchoAnswered;
    }

    /** Takes note of a packet. */
    void add(TapPacket packet) {
        ByteBuffer bytes = packet.bytes();
        Ipv4Header ip = new Ipv4Header().wrap(bytes, 0);
        if (!ip.isValid(bytes.limit())) {
            return;
        }
        if (ip.protocol() == IpProtocol.ICMP) {
            addIcmp(packet, ip);
        } else if (protocols.contains(ip.protocol()) && outer.size() < MOST) {
            addOuter(packet, ip);
        }
    }

    private void addOuter(TapPacket packet, Ipv4Header ip) {
        // Devices lie on one another, and a packet is seen on each: one of them is enough.
        if (packet.isOutgoing() ? !isUnderlay(packet) : !isArrivalLink(packet)) {
            return;
        }
        if (ip.fragmentOffsetBytes() > 0) {
            return; // what there is to say stands in the first one
        }
        GreSight gre = ip.protocol() == IpProtocol.GRE ? gre(packet.bytes(), ip) : null;
        int innerAt = innerAt(packet.bytes(), ip);
        int number =
                packet.isOutgoing() || echo == null || innerAt < 0
                        ? -1
                        : echo.answeredNumber(packet.bytes(), innerAt);
        if (number >= 0) {
            answers.add(number);
            firstAnswerNanos.putIfAbsent(number, packet.nanos());
        }
        outer.add(
                new OuterSight(
                        packet.nanos(),
                        packet.isOutgoing(),
                        ip.source(),
                        ip.destination(),
                        ip.protocol(),
                        gre,
                        innerSource(packet.bytes(), innerAt),
                        number));
    }

    private boolean isUnderlay(TapPacket packet) {
        return underlays.contains(packet.linkIndex());
    }

    private boolean isArrivalLink(TapPacket packet) {
        if (arrivalLink == 0) {
            arrivalLink = packet.linkIndex();
        }
        return packet.linkIndex() == arrivalLink;
    }

    private static GreSight gre(ByteBuffer bytes, Ipv4Header ip) {
        GreHeader gre = new GreHeader().wrap(bytes, ip.payloadAt());
        int greBytes = ip.payloadLengthBytes();
        if (greBytes < GreHeader.MIN_LENGTH || !gre.isValid(greBytes)) {
            return null;
        }
        boolean isWhole = !ip.isFragment();
        return new GreSight(
                gre.hasKey() ? OptionalInt.of(gre.key()) : OptionalInt.empty(),
                gre.hasChecksum(),
                !gre.hasChecksum() || !isWhole || gre.hasValidChecksum(greBytes),
                gre.hasSequence()
                        ? OptionalLong.of(Integer.toUnsignedLong(gre.sequenceNumber()))
                        : OptionalLong.empty(),
                gre.version(),
                gre.protocolType());
    }

    private static int innerSource(ByteBuffer bytes, int innerAt) {
        boolean isIpv4 =
                innerAt >= 0
                        && innerAt + Ipv4Header.MIN_LENGTH <= bytes.limit()
                        && IpVersion.of(bytes, innerAt) == IpVersion.IPV4;
        return isIpv4 ? Ipv4Header.source(bytes, innerAt) : 0;
    }

    private static int innerAt(ByteBuffer bytes, Ipv4Header ip) {
        return innerAt(bytes, ip.protocol(), ip.payloadAt(), ip.payloadLengthBytes());
    }

    /** Where the packet inside begins; -1 when there is none, or not all of the header before. */
    private static int innerAt(ByteBuffer bytes, int protocol, int at, int greBytes) {
        if (protocol != IpProtocol.GRE) {
            return at;
        }
        GreHeader gre = new GreHeader().wrap(bytes, at);
        boolean isIp =
                greBytes >= GreHeader.MIN_LENGTH
                        && gre.isValid(greBytes)
                        && (gre.protocolType() == EtherType.IPV4
                                || gre.protocolType() == EtherType.IPV6);
        return isIp ? gre.payloadAt() : -1;
    }

    private void addIcmp(TapPacket packet, Ipv4Header ip) {
        ByteBuffer bytes = packet.bytes();
        if (!packet.isOutgoing()) {
            isPlainEchoAnswered |= plainEcho.answeredNumber(bytes, 0) >= 0;
            int number = echo == null ? -1 : echo.answeredNumber(bytes, 0);
            // seen on the tunnel's own device as well, once it came out of it
            if (number >= 0 && isUnderlay(packet)) {
                answersAside.add(number);
            }
        }
        Icmpv4Message icmp = new Icmpv4Message().wrap(bytes, ip.payloadAt());
        boolean isQuoting =
                icmp.isValid(ip.payloadLengthBytes())
                        && icmp.isError()
                        && ip.payloadLengthBytes()
                                >= Icmpv4Message.HEADER_LENGTH + Ipv4Header.MIN_LENGTH;
        if (!isQuoting || packet.isOutgoing() && !isUnderlay(packet)) {
            return;
        }
        int quote = icmp.quoteAt();
        if (protocols.contains(Ipv4Header.protocol(bytes, quote)) && errors.size() < MOST) {
            boolean isTooBig =
                    icmp.type() == Icmpv4Message.DESTINATION_UNREACHABLE
                            && icmp.code() == Icmpv4Message.FRAGMENTATION_NEEDED;
            errors.add(
                    new IcmpSight(
                            packet.isOutgoing(),
                            ip.source(),
                            icmp.type(),
                            icmp.code(),
                            isTooBig ? icmp.nextHopMtu() : 0,
                            Ipv4Header.protocol(bytes, quote),
                            Ipv4Header.source(bytes, quote),
                            Ipv4Header.destination(bytes, quote),
                            inner(bytes, quote, ip.payloadAt() + ip.payloadLengthBytes())));
        }
    }

    /** What is quoted of the packet inside a quoted outer packet; null when that is too little. */
    private static IcmpSight.Inner inner(ByteBuffer bytes, int quote, int end) {
        int payloadAt = new Ipv4Header().wrap(bytes, quote).payloadAt();
        int at = innerAt(bytes, Ipv4Header.protocol(bytes, quote), payloadAt, end - payloadAt);
        int version = at >= 0 && at < end ? IpVersion.of(bytes, at) : 0;
        if (version == IpVersion.IPV4 && at + Ipv4Header.MIN_LENGTH <= end) {
            int destination = Ipv4Header.destination(bytes, at);
            return new IcmpSight.Inner(
                    Ipv4Header.ttl(bytes, at),
                    Ipv4Header.protocol(bytes, at),
                    destination >>> 28 == 0xe,
                    Ipv4Address.format(destination));
        }
        if (version == IpVersion.IPV6 && at + Ipv6Header.LENGTH <= end) {
            Ipv6Header ip = new Ipv6Header().wrap(bytes, at);
            return new IcmpSight.Inner(
                    ip.hopLimit(),
                    ip.nextHeader(),
                    ip.isDestinationMulticast(),
                    Ipv6Address.format(ip.destinationHigh(), ip.destinationLow()));
        }
        return null;
    }
}
