package io.culvert.doctor.peer;

import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Icmpv6Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Echo requests (RFC 792, RFC 4443) that are known again: by their identifier, and by a number
 * drawn for this run that their data begin with.
 */
final class InnerEcho {
    /** The least packet that holds the number drawn. */
    static final int LEAST_BYTES = Ipv6Header.LENGTH + Icmpv6Message.HEADER_LENGTH + Long.BYTES;

    /** Of all requests. */
    static final int TTL = 64;

    private final InetAddress from;
    private final InetAddress to;
    private final int identifier;
    private final long drawn;

    /**
     * @param from our address
     * @param to the peer's, of the same IP version
     * @param identifier 0 to 65,535
     * @param drawn a random number
     */
    InnerEcho(InetAddress from, InetAddress to, int identifier, long drawn) {
        this.from = from;
        this.to = to;
        this.identifier = identifier;
        this.drawn = drawn;
    }

    InetAddress to() {
        return to;
    }

    boolean isIpv6() {
        return to.getAddress().length == 16;
    }

    /**
     * A request that may not be fragmented.
     *
     * @param number comes back in the answer, 0 to 65,535
     * @param packetBytes its length with the IP header, at least {@link #LEAST_BYTES}
     */
    ByteBuffer request(int number, int packetBytes) {
        ByteBuffer packet = ByteBuffer.allocateDirect(packetBytes);
        return isIpv6() ? request6(packet, number) : request4(packet, number);
    }

    private ByteBuffer request4(ByteBuffer packet, int number) {
        int at = Ipv4Header.MIN_LENGTH;
        new Ipv4Header()
                .wrap(packet, 0)
                .versionAndHeaderLength(at)
                .totalLengthBytes(packet.capacity())
                .identification(number)
                .fragmentation(true, false, 0)
                .ttl(TTL)
                .protocol(IpProtocol.ICMP)
                .source(ByteBuffer.wrap(from.getAddress()).getInt())
                .destination(ByteBuffer.wrap(to.getAddress()).getInt())
                .writeHeaderChecksum();
        packet.putLong(at + Icmpv4Message.HEADER_LENGTH, drawn);
        new Icmpv4Message()
                .wrap(packet, at)
                .echoRequest(identifier, number)
                .writeChecksum(packet.capacity() - at);
        return packet;
    }

    private ByteBuffer request6(ByteBuffer packet, int number) {
        int at = Ipv6Header.LENGTH;
        int messageBytes = packet.capacity() - at;
        ByteBuffer source = ByteBuffer.wrap(from.getAddress());
        ByteBuffer destination = ByteBuffer.wrap(to.getAddress());
        Ipv6Header ip =
                new Ipv6Header()
                        .wrap(packet, 0)
                        .versionClassAndLabel(0, 0)
                        .payloadLengthBytes(messageBytes)
                        .nextHeader(IpProtocol.ICMPV6)
                        .hopLimit(TTL)
                        .source(source.getLong(0), source.getLong(8))
                        .destination(destination.getLong(0), destination.getLong(8));
        packet.putLong(at + Icmpv6Message.HEADER_LENGTH, drawn);
        new Icmpv6Message()
                .wrap(packet, at)
                .echoRequest(identifier, number)
                .writeChecksum(messageBytes, ip.pseudoHeaderSum(IpProtocol.ICMPV6, messageBytes));
        return packet;
    }

    /** The number of the request that a packet answers; -1 when it answers none of ours. */
    int answeredNumber(ByteBuffer memory, int at) {
        int version = at < memory.limit() ? IpVersion.of(memory, at) : 0;
        int messageAt = at + (version == 6 ? Ipv6Header.LENGTH : Ipv4Header.MIN_LENGTH);
        if (messageAt + Icmpv4Message.HEADER_LENGTH + Long.BYTES > memory.limit()) {
            return -1;
        }
        int type = memory.get(messageAt) & 0xff;
        boolean isReply =
                version == 6
                        ? isIpv6()
                                && Ipv6Header.nextHeader(memory, at) == IpProtocol.ICMPV6
                                && type == Icmpv6Message.ECHO_REPLY
                        : version == 4
                                && !isIpv6()
                                && Ipv4Header.protocol(memory, at) == IpProtocol.ICMP
                                && type == Icmpv4Message.ECHO_REPLY;
        Icmpv4Message echo = new Icmpv4Message().wrap(memory, messageAt);
        boolean isOurs =
                isReply
                        && echo.identifier() == identifier
                        && memory.getLong(echo.dataAt()) == drawn;
        return isOurs ? echo.sequenceNumber() : -1;
    }
}
