package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.spec.Payload;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Icmpv6Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Address;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;

/**
 * Writes ICMP errors about inner packets, to their senders, into packets for the device.
 *
 * <p>The error's source is the destination of the packet that it is about. A router would put its
 * own address there; but this error enters the host through the device, and a packet that arrives
 * with one of the host's own addresses as its source is dropped there as a martian. The destination
 * is what the route behind the device leads to, so that even a strict reverse-path filter takes it.
 *
 * <p>The inner packets given must have passed {@code isValid}. Confined to the lane's thread.
 */
public final class InnerIcmp {
    /** RFC 1812 §4.3.2.3: as much of the packet as fits. */
    private static final int MAX_V4_ERROR_BYTES = 576;

    private static final int TTL = 64;

    /** Internetwork control, as Linux marks its ICMP errors. */
    private static final int ERROR_TOS = 0xc0;

    private final PacketOutlet device;
    private final int linkHeaderBytes;
    private boolean isAboutIpv6;
    private final Ipv4Header inner4 = new Ipv4Header();
    private final Ipv6Header inner6 = new Ipv6Header();
    private final Ipv4Header error4 = new Ipv4Header();
    private final Ipv6Header error6 = new Ipv6Header();
    private final Icmpv4Message icmp4 = new Icmpv4Message();
    private final Icmpv6Message icmp6 = new Icmpv6Message();

    /**
     * @param device where the errors go
     * @param payload what the device hands over: about a packet in an Ethernet frame, the error is
     *     in a frame that goes back
     */
    public InnerIcmp(PacketOutlet device, Payload payload) {
        this.device = device;
        this.linkHeaderBytes = payload.linkHeaderBytes();
    }

    /**
     * Tells the sender how large a packet may be: fragmentation needed (RFC 1191 §4) or packet too
     * big (RFC 4443 §3.2).
     *
     * @param at where the packet, or the frame with it, starts
     * @param innerMtu the largest inner packet that would pass, in bytes
     * @return whether an error was written; not when the packet may not be answered or the outlet
     *     has no room
     */
    public boolean writeTooBig(ByteBuffer memory, int at, int lengthBytes, int innerMtu) {
        PacketBatch batch = batchForError(memory, at, lengthBytes);
        if (batch == null) {
            return false;
        }
        if (isAboutIpv6) {
            icmp6.wrap(batch.memory(), icmpAt6(batch)).packetTooBig(innerMtu);
        } else {
            icmp4.wrap(batch.memory(), icmpAt4(batch)).fragmentationNeeded(innerMtu);
        }
        finish(batch, memory, at, lengthBytes);
        return true;
    }

    /**
     * Tells the sender that the host is unreachable (RFC 792 code 1, RFC 4443 §3.1 code 3).
     *
     * @param at where the packet, or the frame with it, starts
     * @return whether an error was written
     */
    public boolean writeUnreachable(ByteBuffer memory, int at, int lengthBytes) {
        PacketBatch batch = batchForError(memory, at, lengthBytes);
        if (batch == null) {
            return false;
        }
        if (isAboutIpv6) {
            icmp6.wrap(batch.memory(), icmpAt6(batch))
                    .destinationUnreachable(Icmpv6Message.ADDRESS_UNREACHABLE);
        } else {
            icmp4.wrap(batch.memory(), icmpAt4(batch))
                    .destinationUnreachable(Icmpv4Message.HOST_UNREACHABLE);
        }
        finish(batch, memory, at, lengthBytes);
        return true;
    }

    private PacketBatch batchForError(ByteBuffer memory, int at, int lengthBytes) {
        if (linkHeaderBytes > 0 && EthernetHeader.isToGroup(memory, at)) {
            return null;
        }
        int ipAt = at + linkHeaderBytes;
        isAboutIpv6 = IpVersion.of(memory, ipAt) == IpVersion.IPV6;
        int ipBytes = lengthBytes - linkHeaderBytes;
        return isAboutIpv6
                ? batchForError6(memory, ipAt, ipBytes)
                : batchForError4(memory, ipAt, ipBytes);
    }

    private void finish(PacketBatch batch, ByteBuffer memory, int at, int lengthBytes) {
        int ipAt = at + linkHeaderBytes;
        int ipBytes = lengthBytes - linkHeaderBytes;
        if (isAboutIpv6) {
            finish6(batch, memory, ipAt, ipBytes);
        } else {
            finish4(batch, memory, ipAt, ipBytes);
        }
        if (linkHeaderBytes > 0) {
            int frameAt = batch.prepend(batch.size() - 1, linkHeaderBytes);
            EthernetHeader.copyAnswer(batch.memory(), frameAt, memory, at);
        }
    }

    /** RFC 1122 §3.2.2: no error about an error, a group, a later fragment, or from nobody. */
    private PacketBatch batchForError4(ByteBuffer memory, int at, int lengthBytes) {
        inner4.wrap(memory, at);
        boolean isIcmpError =
                inner4.protocol() == IpProtocol.ICMP
                        && icmp4.wrap(memory, inner4.payloadAt())
                                .isValid(lengthBytes - inner4.headerLengthBytes())
                        && icmp4.isError();
        if (isIcmpError
                || inner4.fragmentOffsetBytes() != 0
                || !Ipv4Address.isSingleHost(inner4.source())
                || !Ipv4Address.isSingleHost(inner4.destination())) {
            return null;
        }
        return device.batchWithRoom();
    }

    private void finish4(PacketBatch batch, ByteBuffer memory, int at, int lengthBytes) {
        int quotedBytes =
                Math.min(
                        lengthBytes,
                        MAX_V4_ERROR_BYTES - Ipv4Header.MIN_LENGTH - Icmpv4Message.HEADER_LENGTH);
        copyQuoted(batch, icmp4.quoteAt(), memory, at, quotedBytes);
        int messageBytes = Icmpv4Message.HEADER_LENGTH + quotedBytes;
        icmp4.writeChecksum(messageBytes);
        int errorBytes = Ipv4Header.MIN_LENGTH + messageBytes;
        error4.wrap(batch.memory(), batch.nextPacketAt())
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .tos(ERROR_TOS)
                .totalLengthBytes(errorBytes)
                .identification(0)
                .fragmentation(true, false, 0)
                .ttl(TTL)
                .protocol(IpProtocol.ICMP)
                .source(inner4.destination())
                .destination(inner4.source())
                .writeHeaderChecksum();
        batch.append(errorBytes);
    }

    // Deviation: RFC 4443 §2.4 (e.3) lets packet too big answer a packet to a group. Its source
    // here would be that group, which no receiver takes.
    /** RFC 4443 §2.4 (e). */
    private PacketBatch batchForError6(ByteBuffer memory, int at, int lengthBytes) {
        inner6.wrap(memory, at);
        boolean isIcmpError =
                inner6.nextHeader() == IpProtocol.ICMPV6
                        && icmp6.wrap(memory, inner6.payloadAt())
                                .isValid(lengthBytes - Ipv6Header.LENGTH)
                        && icmp6.isErrorOrRedirect();
        if (isIcmpError
                || inner6.isDestinationMulticast()
                || !inner6.isSourceSingleNode()
                || Ipv6Address.isLoopback(inner6.sourceHigh(), inner6.sourceLow())) {
            return null;
        }
        return device.batchWithRoom();
    }

    private void finish6(PacketBatch batch, ByteBuffer memory, int at, int lengthBytes) {
        int quotedBytes =
                Math.min(
                        lengthBytes,
                        Ipv6Header.MIN_MTU - Ipv6Header.LENGTH - Icmpv6Message.HEADER_LENGTH);
        copyQuoted(batch, icmp6.quoteAt(), memory, at, quotedBytes);
        int messageBytes = Icmpv6Message.HEADER_LENGTH + quotedBytes;
        error6.wrap(batch.memory(), batch.nextPacketAt())
                .versionClassAndLabel(0, 0)
                .payloadLengthBytes(messageBytes)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(TTL)
                .source(inner6.destinationHigh(), inner6.destinationLow())
                .destination(inner6.sourceHigh(), inner6.sourceLow());
        icmp6.writeChecksum(messageBytes, error6.pseudoHeaderSum(IpProtocol.ICMPV6, messageBytes));
        batch.append(Ipv6Header.LENGTH + messageBytes);
    }

    private static int icmpAt4(PacketBatch batch) {
        return batch.nextPacketAt() + Ipv4Header.MIN_LENGTH;
    }

    private static int icmpAt6(PacketBatch batch) {
        return batch.nextPacketAt() + Ipv6Header.LENGTH;
    }

    private static void copyQuoted(
            PacketBatch batch, int quoteAt, ByteBuffer memory, int at, int quotedBytes) {
        batch.memory().put(quoteAt, memory, at, quotedBytes);
    }
}
