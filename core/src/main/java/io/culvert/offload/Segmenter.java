package io.culvert.offload;

import io.culvert.packet.PacketBatch;
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

/**
 * Splits a super-packet into the packets it stands for, as Linux's segmentation offload does.
 *
 * <p>Copies the headers only: each segment is a slot with its own IP and TCP or UDP header, and a
 * {@linkplain PacketBatch#tail tail} that is a piece of the super-packet's payload, where it lies.
 * Every checksum comes out complete, the payload being read once for it. One instance per thread;
 * used as {@link #start}, then {@link #copyHeaderNext} while {@link #hasNext}; allocates nothing.
 */
public final class Segmenter {
    /**
     * The most bytes that a segment may have in its slot. An ordinary packet of no more is copied
     * whole: a system call's second piece costs more.
     */
    public static final int MAX_HEADER_BYTES = 256;

    /** What is copied of a longer ordinary packet; even, so that a checksum can go on behind it. */
    private static final int ORDINARY_HEADER_BYTES = Ipv4Header.MAX_LENGTH + TcpHeader.MAX_LENGTH;

    private static final long LOW_32 = 0xffff_ffffL;
    private static final int ON_THE_LAST_ONLY = TcpHeader.FIN | TcpHeader.PSH;

    private final Ipv4Header ip4 = new Ipv4Header();
    private final Ipv6Header ip6 = new Ipv6Header();
    private final Ipv6Extensions extensions = new Ipv6Extensions();
    private final TcpHeader tcp = new TcpHeader();
    private final UdpHeader udp = new UdpHeader();

    private final boolean isEthernet;

    private ByteBuffer memory;
    private int at;
    private int linkBytes; // in front of the IP header
    private boolean isSuperPacket;
    private boolean isIpv4;
    private int protocol;
    private int transportOffset;
    private int headerBytes;
    private int payloadBytes;
    private int payloadPerSegment;
    private int identification;
    private int sequenceNumber;
    private int flags;
    private int pseudoHeaderSum;

    // What all segments' checksums have in common: the sums of the pseudo header and of the headers
    // without the fields that differ, so that no segment's headers are summed up.
    private int commonIpv4Sum;
    private int commonTcpSum;
    private int position;
    private boolean isFinished;

    /** Splits IP packets. */
    public Segmenter() {
        this(false);
    }

    /**
     * @param isEthernet whether packets are Ethernet frames: each segment is in a frame like its
     *     super-packet's
     */
    public Segmenter(boolean isEthernet) {
        this.isEthernet = isEthernet;
    }

    /**
     * Starts on a packet of the batch, super or ordinary. An ordinary one is a single segment, as
     * it is, whatever it is.
     *
     * @param maxPacketBytes the largest packet that fits: TCP segments are made smaller than the
     *     super-packet asks for where they would not. UDP datagrams keep their size.
     * @return false when it is a super-packet that is neither TCP nor UDP, or malformed: nothing
     *     can be made of it
     */
    public boolean start(PacketBatch source, int slot, int maxPacketBytes) {
        memory = source.memory();
        at = source.start(slot);
        position = 0;
        isFinished = false;
        isSuperPacket = source.segmentBytes(slot) > 0;
        if (!isSuperPacket) {
            startOrdinary(source.lengthBytes(slot));
            return true;
        }
        isFinished = !startSuperPacket(source.lengthBytes(slot));
        if (isFinished) {
            return false;
        }
        payloadPerSegment = source.segmentBytes(slot);
        int roomBytes = maxPacketBytes - headerBytes;
        if (protocol == IpProtocol.TCP && roomBytes > 0) {
            payloadPerSegment = Math.min(payloadPerSegment, roomBytes);
        }
        return true;
    }

    /** Whether there is another segment to be copied. */
    public boolean hasNext() {
        return !isFinished;
    }

    /**
     * Appends the next segment to a batch that has room, slots of at least {@link
     * #MAX_HEADER_BYTES} and the source as its {@link PacketBatch#tailSource}.
     *
     * @return its slot
     */
    public int copyHeaderNext(PacketBatch target) {
        int bytes = Math.min(payloadPerSegment, payloadBytes - position);
        int payloadAt = at + headerBytes + position;
        int targetAt = target.nextPacketAt();
        target.memory().put(targetAt, memory, at, headerBytes);
        isFinished = position + bytes == payloadBytes;
        if (isSuperPacket) {
            patchIp(target.memory(), targetAt, bytes);
            patchTransport(target.memory(), targetAt + transportOffset, payloadAt, bytes);
            identification++;
        }
        position += bytes;
        int slot = target.append(headerBytes);
        target.tail(slot, payloadAt, bytes);
        return slot;
    }

    private void startOrdinary(int lengthBytes) {
        headerBytes = lengthBytes <= MAX_HEADER_BYTES ? lengthBytes : ORDINARY_HEADER_BYTES;
        payloadBytes = lengthBytes - headerBytes;
        payloadPerSegment = payloadBytes;
    }

    private boolean startSuperPacket(int lengthBytes) {
        linkBytes = isEthernet ? EthernetHeader.lengthWithTags(memory, at, lengthBytes) : 0;
        int ipBytes = lengthBytes - linkBytes;
        int version = ipBytes > 0 ? IpVersion.of(memory, at + linkBytes) : 0;
        return switch (version) {
            case IpVersion.IPV4 -> startIpv4(at + linkBytes, ipBytes);
            case IpVersion.IPV6 -> startIpv6(at + linkBytes, ipBytes);
            default -> false;
        };
    }

    private boolean startIpv4(int ipAt, int lengthBytes) {
        if (!ip4.wrap(memory, ipAt).isValid(lengthBytes) || ip4.isFragment()) {
            return false;
        }
        isIpv4 = true;
        protocol = ip4.protocol();
        identification = ip4.identification();
        pseudoHeaderSum =
                InternetChecksum.pseudoHeaderV4Sum(ip4.source(), ip4.destination(), protocol, 0);
        commonIpv4Sum =
                InternetChecksum.fold(
                        (long) InternetChecksum.sum(memory, ipAt, ip4.headerLengthBytes())
                                + InternetChecksum.complement(ip4.totalLengthBytes())
                                + InternetChecksum.complement(identification)
                                + InternetChecksum.complement(ip4.headerChecksum()));
        return startTransport(
                linkBytes + ip4.headerLengthBytes(), linkBytes + ip4.totalLengthBytes());
    }

    private boolean startIpv6(int ipAt, int lengthBytes) {
        if (!ip6.wrap(memory, ipAt).isValid(lengthBytes)
                || !extensions.walk(memory, ipAt)
                || extensions.isFragment()) {
            return false;
        }
        isIpv4 = false;
        protocol = extensions.protocol();
        pseudoHeaderSum = ip6.pseudoHeaderSum(protocol, 0);
        return startTransport(extensions.endAt() - at, linkBytes + ip6.totalLengthBytes());
    }

    private boolean startTransport(int offset, int totalBytes) {
        transportOffset = offset;
        int transportBytes = totalBytes - offset;
        int partialChecksum;
        if (protocol == IpProtocol.TCP) {
            if (!tcp.wrap(memory, at + offset).isValid(transportBytes)) {
                return false;
            }
            headerBytes = offset + tcp.headerLengthBytes();
            sequenceNumber = tcp.sequenceNumber();
            flags = tcp.flags();
            partialChecksum = tcp.checksum();
        } else if (protocol == IpProtocol.UDP) {
            if (!udp.wrap(memory, at + offset).isValid(transportBytes)) {
                return false;
            }
            headerBytes = offset + UdpHeader.LENGTH;
            partialChecksum = udp.checksum();
        } else {
            return false;
        }
        if (!isIpv4 && extensions.hasRouting()) {
            // only the sender's own sum knows the final destination
            pseudoHeaderSum =
                    InternetChecksum.fold(
                            (long) partialChecksum + InternetChecksum.complement(transportBytes));
        }
        if (protocol == IpProtocol.TCP) {
            commonTcpSum =
                    InternetChecksum.fold(
                            (long) pseudoHeaderSum
                                    + InternetChecksum.sum(
                                            memory, at + offset, headerBytes - offset)
                                    + (~sequenceNumber & LOW_32)
                                    + InternetChecksum.complement(flags)
                                    + InternetChecksum.complement(partialChecksum));
        }
        payloadBytes = totalBytes - headerBytes;
        return headerBytes <= MAX_HEADER_BYTES;
    }

    private void patchIp(ByteBuffer target, int targetAt, int bytes) {
        int ipAt = targetAt + linkBytes;
        if (isIpv4) {
            int totalBytes = headerBytes - linkBytes + bytes;
            int segmentIdentification = identification & 0xffff;
            int sum =
                    InternetChecksum.fold(
                            (long) commonIpv4Sum + totalBytes + segmentIdentification);
            ip4.wrap(target, ipAt)
                    .totalLengthBytes(totalBytes)
                    .identification(segmentIdentification)
                    .headerChecksum(InternetChecksum.complement(sum));
        } else {
            int headersBytes = headerBytes - linkBytes - Ipv6Header.LENGTH;
            ip6.wrap(target, ipAt).payloadLengthBytes(headersBytes + bytes);
        }
    }

    private void patchTransport(ByteBuffer target, int transportAt, int payloadAt, int bytes) {
        int transportBytes = headerBytes - transportOffset + bytes;
        if (protocol == IpProtocol.TCP) {
            int segmentSequenceNumber = sequenceNumber + position;
            int segmentFlags = segmentFlags();
            int sum =
                    sumWithPayload(
                            (long) commonTcpSum
                                    + transportBytes
                                    + (segmentSequenceNumber & LOW_32)
                                    + segmentFlags,
                            payloadAt,
                            bytes);
            tcp.wrap(target, transportAt)
                    .sequenceNumber(segmentSequenceNumber)
                    .flags(segmentFlags)
                    .checksum(InternetChecksum.complement(sum));
        } else {
            int sum = sumWithPayload((long) pseudoHeaderSum + transportBytes, payloadAt, bytes);
            udp.wrap(target, transportAt).lengthBytes(transportBytes).writeChecksum(sum);
        }
    }

    private int sumWithPayload(long headerSum, int payloadAt, int bytes) {
        return InternetChecksum.sum(memory, payloadAt, bytes, InternetChecksum.fold(headerSum));
    }

    /** CWR answers one event and goes once; FIN and PSH are about the end of the data. */
    private int segmentFlags() {
        int segmentFlags = flags;
        if (position > 0) {
            segmentFlags &= ~TcpHeader.CWR;
        }
        if (!isFinished) {
            segmentFlags &= ~ON_THE_LAST_ONLY;
        }
        return segmentFlags;
    }
}
