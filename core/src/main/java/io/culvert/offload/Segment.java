package io.culvert.offload;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Extensions;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.TcpHeader;
import io.culvert.wire.UdpHeader;
import java.nio.ByteBuffer;

/** The headers of a received packet, as far as joining it to others depends on them. */
final class Segment {
    /** What {@link #read} found. */
    enum Kind {
        /** TCP or UDP behind an IP header without options or extensions. */
        PLAIN,
        /** TCP or UDP behind a header that no packet is joined with. */
        WITH_OPTIONS,
        /** A fragment, or malformed: it may belong to any flow. */
        OPAQUE,
        /** A whole packet of another protocol. */
        OTHER
    }

    private static final int NOT_TO_BE_JOINED =
            TcpHeader.FIN | TcpHeader.SYN | TcpHeader.RST | TcpHeader.URG | TcpHeader.CWR;

    final Ipv4Header ip4 = new Ipv4Header();
    final Ipv6Header ip6 = new Ipv6Header();
    final TcpHeader tcp = new TcpHeader();
    final UdpHeader udp = new UdpHeader();
    private final Ipv6Extensions extensions = new Ipv6Extensions();

    boolean isIpv4;
    boolean isTcp;

    /** The Ethernet header in front of the IP header, with its tags; 0 without one. */
    int linkBytes;

    /** IP and transport header. */
    int headerBytes;

    int payloadBytes;
    private boolean isEthernet;
    private ByteBuffer linkMemory; // set where there is a link header
    private int linkAt;
    private boolean isPlain;
    private int slot;
    private int likeSlot;
    private int protocol;
    private int transportOffset;
    private int transportBytes;
    private int flags;
    private int pseudoHeaderSum;
    private int ports;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;

    /**
     * Has the next packet read without regard to the last one, which may be gone.
     *
     * @param ofFrames whether the packets are Ethernet frames
     */
    void forget(boolean ofFrames) {
        isPlain = false;
        isEthernet = ofFrames;
        linkBytes = 0;
    }

    boolean isEthernet() {
        return isEthernet;
    }

    /** Whether both packets are in frames with the same header, or in none. */
    boolean hasSameLink(Segment other) {
        return linkBytes == other.linkBytes
                && (linkBytes == 0
                        || EthernetHeader.isSame(
                                linkMemory, linkAt, other.linkMemory, other.linkAt, linkBytes));
    }

    /** Reads a packet's headers; what this returns says which fields mean anything. */
    Kind read(PacketBatch batch, int slot) {
        ByteBuffer memory = batch.memory();
        int at = batch.start(slot);
        int lengthBytes = batch.lengthBytes(slot);
        if (isEthernet) {
            return readFrame(memory, at, lengthBytes, slot);
        }
        // most packets of a flow come one behind the other: then there is little to read
        boolean isLikeLast = isPlain && isLikeLast(memory, at, lengthBytes);
        likeSlot = isLikeLast ? this.slot : PacketBatch.NONE;
        this.slot = slot;
        if (isLikeLast) {
            moveTo(memory, at, lengthBytes);
            return Kind.PLAIN;
        }
        Kind kind = readAnew(memory, at, lengthBytes);
        isPlain = kind == Kind.PLAIN;
        return kind;
    }

    private Kind readFrame(ByteBuffer memory, int at, int lengthBytes, int frameSlot) {
        slot = frameSlot;
        likeSlot = PacketBatch.NONE;
        linkMemory = memory;
        linkAt = at;
        linkBytes = EthernetHeader.lengthWithTags(memory, at, lengthBytes);
        if (linkBytes > lengthBytes) {
            return Kind.OPAQUE;
        }
        int etherType = memory.getShort(at + linkBytes - Short.BYTES) & 0xffff;
        return switch (etherType) {
            case EtherType.IPV4, EtherType.IPV6 ->
                    readAnew(memory, at + linkBytes, lengthBytes - linkBytes);
            default -> Kind.OTHER;
        };
    }

    private boolean isLikeLast(ByteBuffer memory, int at, int lengthBytes) {
        if (lengthBytes < headerBytes) {
            return false;
        }
        boolean isOfIpLikeLast =
                isIpv4
                        ? ip4.isLike(memory, at)
                                && Ipv4Header.totalLengthBytes(memory, at) == lengthBytes
                        : ip6.isLike(memory, at)
                                && Ipv6Header.totalLengthBytes(memory, at) == lengthBytes;
        if (!isOfIpLikeLast) {
            return false;
        }
        int transportAt = at + transportOffset;
        return isTcp
                ? tcp.isLike(memory, transportAt, headerBytes - transportOffset)
                : udp.isLike(memory, transportAt)
                        && UdpHeader.lengthBytes(memory, transportAt)
                                == lengthBytes - transportOffset;
    }

    private void moveTo(ByteBuffer memory, int at, int lengthBytes) {
        if (isIpv4) {
            ip4.wrap(memory, at);
        } else {
            ip6.wrap(memory, at);
        }
        if (isTcp) {
            flags = tcp.wrap(memory, at + transportOffset).flags();
        } else {
            udp.wrap(memory, at + transportOffset);
        }
        transportBytes = lengthBytes - transportOffset;
        payloadBytes = lengthBytes - headerBytes;
    }

    private Kind readAnew(ByteBuffer memory, int at, int lengthBytes) {
        int version = lengthBytes > 0 ? IpVersion.of(memory, at) : 0;
        return switch (version) {
            case IpVersion.IPV4 -> readIpv4(memory, at, lengthBytes);
            case IpVersion.IPV6 -> readIpv6(memory, at, lengthBytes);
            default -> Kind.OPAQUE;
        };
    }

    private Kind readIpv4(ByteBuffer memory, int at, int lengthBytes) {
        isIpv4 = true;
        if (!ip4.wrap(memory, at).isValid(lengthBytes)
                || ip4.totalLengthBytes() != lengthBytes
                || ip4.isFragment()) {
            return Kind.OPAQUE;
        }
        int source = ip4.source();
        int destination = ip4.destination();
        sourceHigh = 0;
        sourceLow = source;
        destinationHigh = 0;
        destinationLow = destination;
        pseudoHeaderSum =
                InternetChecksum.pseudoHeaderV4Sum(source, destination, ip4.protocol(), 0);
        return readTransport(
                ip4.protocol(), memory, at, ip4.headerLengthBytes(), lengthBytes, ip4.hasOptions());
    }

    private Kind readIpv6(ByteBuffer memory, int at, int lengthBytes) {
        isIpv4 = false;
        if (!ip6.wrap(memory, at).isValid(lengthBytes)
                || ip6.totalLengthBytes() != lengthBytes
                || !extensions.walk(memory, at)
                || extensions.isFragment()
                || extensions.hasRouting()) {
            return Kind.OPAQUE;
        }
        sourceHigh = ip6.sourceHigh();
        sourceLow = ip6.sourceLow();
        destinationHigh = ip6.destinationHigh();
        destinationLow = ip6.destinationLow();
        pseudoHeaderSum = ip6.pseudoHeaderSum(extensions.protocol(), 0);
        int offset = extensions.endAt() - at;
        return readTransport(
                extensions.protocol(), memory, at, offset, lengthBytes, offset > Ipv6Header.LENGTH);
    }

    private Kind readTransport(
            int protocol,
            ByteBuffer memory,
            int at,
            int offset,
            int lengthBytes,
            boolean hasOptions) {
        this.protocol = protocol;
        isTcp = protocol == IpProtocol.TCP;
        transportOffset = offset;
        transportBytes = lengthBytes - offset;
        if (isTcp) {
            if (!tcp.wrap(memory, at + offset).isValid(transportBytes)) {
                return Kind.OPAQUE;
            }
            headerBytes = offset + tcp.headerLengthBytes();
            ports = tcp.ports();
            flags = tcp.flags();
        } else if (protocol == IpProtocol.UDP) {
            if (!udp.wrap(memory, at + offset).isValid(transportBytes)
                    || udp.lengthBytes() != transportBytes) {
                return Kind.OPAQUE;
            }
            headerBytes = offset + UdpHeader.LENGTH;
            ports = udp.ports();
        } else {
            return hasOptions ? Kind.OPAQUE : Kind.OTHER;
        }
        payloadBytes = lengthBytes - headerBytes;
        return hasOptions ? Kind.WITH_OPTIONS : Kind.PLAIN;
    }

    /** Whether the headers are those of the packet read before, but for what is each one's own. */
    boolean isLikeLast() {
        return likeSlot != PacketBatch.NONE;
    }

    /** The slot of the packet that this one {@link #isLikeLast is like}, if it is. */
    int likeSlot() {
        return likeSlot;
    }

    /** Whether others may be joined to this packet, or it to others, as far as it alone decides. */
    boolean isJoinable() {
        if (payloadBytes == 0) {
            return false;
        }
        if (isTcp) {
            return (flags & (NOT_TO_BE_JOINED | TcpHeader.ACK)) == TcpHeader.ACK;
        }
        return udp.hasChecksum();
    }

    boolean hasPush() {
        return isTcp && (flags & TcpHeader.PSH) != 0;
    }

    /**
     * Whether the checksum is the pseudo header's sum alone, which the host leaves to be completed:
     * in packets that it joined itself, and in those that never left it.
     */
    boolean isPartial() {
        int checksum = isTcp ? tcp.checksum() : udp.checksum();
        return checksum != 0
                && checksum == pseudoHeaderSum(transportBytes)
                // one complete checksum in 65,535 looks like it
                && !hasValidTransportChecksum();
    }

    /** Leaves the checksum to be completed, as in all packets that stand for several. */
    void leavePartial() {
        int pseudoHeaderSum = pseudoHeaderSum(transportBytes);
        if (isTcp) {
            tcp.checksum(pseudoHeaderSum);
        } else {
            udp.checksum(pseudoHeaderSum);
        }
    }

    /**
     * Of a TCP packet whose checksum is that of the first of the segments it was joined from: how
     * many bytes these have.
     *
     * @param mostBytes that a segment may have
     * @return the smallest number that fits the checksum; 0 when none does
     */
    int firstSegmentBytes(int mostBytes) {
        return tcp.firstPayloadBytes(transportBytes, pseudoHeaderSum, mostBytes);
    }

    boolean hasValidChecksums() {
        return (!isIpv4 || ip4.hasValidHeaderChecksum())
                && (hasValidTransportChecksum() || isPartial());
    }

    boolean hasValidTransportChecksum() {
        int pseudoHeaderSum = pseudoHeaderSum(transportBytes);
        return isTcp
                ? tcp.hasValidChecksum(transportBytes, pseudoHeaderSum)
                : udp.hasValidChecksum(pseudoHeaderSum);
    }

    /** Whether both have the same addresses, protocol and ports. */
    boolean isOfFlow(Segment other) {
        return ports == other.ports
                && sourceLow == other.sourceLow
                && destinationLow == other.destinationLow
                && sourceHigh == other.sourceHigh
                && destinationHigh == other.destinationHigh
                && protocol == other.protocol
                && isIpv4 == other.isIpv4;
    }

    int flowHash() {
        long mixed = sourceLow * 31 + destinationLow;
        mixed = (mixed * 31 + sourceHigh) * 31 + destinationHigh;
        mixed = (mixed ^ ports) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed >>> 32);
    }

    /** Makes the headers those of a super-packet with this much payload, its checksum partial. */
    void describeSuperPacket(int superPayloadBytes, boolean hasPush) {
        int totalBytes = headerBytes + superPayloadBytes;
        int superTransportBytes = transportBytes - payloadBytes + superPayloadBytes;
        if (isIpv4) {
            ip4.totalLengthBytes(totalBytes).writeHeaderChecksum();
        } else {
            ip6.payloadLengthBytes(totalBytes - Ipv6Header.LENGTH);
        }
        int pseudoHeaderSum = pseudoHeaderSum(superTransportBytes);
        if (isTcp) {
            tcp.flags(hasPush ? flags | TcpHeader.PSH : flags).checksum(pseudoHeaderSum);
        } else {
            udp.lengthBytes(superTransportBytes).checksum(pseudoHeaderSum);
        }
    }

    private int pseudoHeaderSum(int upperLayerBytes) {
        return InternetChecksum.fold((long) pseudoHeaderSum + upperLayerBytes);
    }
}
