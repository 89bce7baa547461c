package io.culvert.device;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.IncomingIpv6Messages;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.RoutedIpv6Messages;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.Ipv6Header;

/*
 * The kernel takes whole IPv6 packets (IPV6_HDRINCL, Linux 4.5), but hands over only what follows
 * the IPv6 header and its extension headers, whatever the options. What the header said comes as
 * control data, as far as it is asked for, and is laid down in front of the packet again:
 *
 *   version, class, label   IPV6_FLOWINFO; there is none when both are 0
 *   payload length          the message's: extension headers are gone, and not counted
 *   next header             the socket's protocol
 *   hop limit               IPV6_HOPLIMIT
 *   source                  the message's name
 *   destination             IPV6_PKTINFO, with the interface it arrived by
 *
 * The kernel checks no checksum of a raw socket's packets unless IPV6_CHECKSUM asks for it. That is
 * off for all protocols but ICMPv6.
 */

/** Of IPv6: a header is laid in front of each received packet, like the one the kernel removed. */
final class RawIpv6Messages extends RawIpMessages {
    private final IncomingIpv6Messages incoming;
    private final RoutedIpv6Messages outgoing;
    private final int protocol;
    private final boolean recordsLink;
    private final Ipv6Header header = new Ipv6Header();

    private RawIpv6Messages(int protocol, RawIpOptions options) {
        this(
                protocol,
                options,
                new IncomingIpv6Messages(options.batchSlots()),
                new RoutedIpv6Messages(BatchSender.MESSAGES));
    }

    private RawIpv6Messages(
            int protocol,
            RawIpOptions options,
            IncomingIpv6Messages incoming,
            RoutedIpv6Messages outgoing) {
        super(incoming, outgoing);
        this.protocol = protocol;
        this.recordsLink = options.recordsLink();
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /** Prepares a raw socket for a protocol. */
    static RawIpv6Messages of(LinuxSocket socket, int protocol, RawIpOptions options) {
        AbiProbe.checkIpv6();
        int level = LinuxSocket.SOL_IPV6;
        socket.option(level, LinuxSocket.IPV6_HDRINCL, 1, "IPV6_HDRINCL");
        socket.option(level, LinuxSocket.IPV6_RECVERR, 1, "IPV6_RECVERR");
        socket.option(level, LinuxSocket.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
        socket.option(level, LinuxSocket.IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT");
        socket.option(level, LinuxSocket.IPV6_FLOWINFO, 1, "IPV6_FLOWINFO");
        return new RawIpv6Messages(protocol, options);
    }

    @Override
    void append(PacketBatch batch, int message) {
        incoming.take(message);
        int slot = batch.append(incoming.lengthBytes(message));
        int flowInfo = incoming.flowInfo();
        header.wrap(batch.memory(), batch.prepend(slot, Ipv6Header.LENGTH))
                .versionClassAndLabel(flowInfo >>> 20, flowInfo)
                .payloadLengthBytes(incoming.wholeBytes(message))
                .nextHeader(protocol)
                .hopLimit(incoming.hopLimit())
                .source(incoming.sourceHigh(), incoming.sourceLow())
                .destination(incoming.destinationHigh(), incoming.destinationLow());
        batch.link(slot, recordsLink ? incoming.arrivalLink() : 0);
    }

    @Override
    void put(int message, PacketBatch batch, int slot, long packetAddress, int interfaceIndex) {
        header.wrap(batch.memory(), batch.start(slot));
        outgoing.put(
                message,
                packetAddress,
                batch.lengthBytes(slot),
                header.destinationHigh(),
                header.destinationLow(),
                interfaceIndex);
    }
}
