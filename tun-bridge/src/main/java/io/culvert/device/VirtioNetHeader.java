package io.culvert.device;

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
import java.nio.ByteOrder;

/**
 * What stands before each packet of a TUN device with offload: {@code struct virtio_net_hdr} of
 * linux/virtio_net.h (virtio 1.3 §5.1.6), in the machine's byte order.
 *
 * <pre>{@code
 *  0       1          2         4          6            8             10
 * +-------+----------+---------+----------+------------+-------------+--------
 * | flags | gso_type | hdr_len | gso_size | csum_start | csum_offset | packet
 * +-------+----------+---------+----------+------------+-------------+--------
 * }</pre>
 *
 * <p>A reusable view, confined to one thread. Offsets in it count from the packet's first byte.
 */
final class VirtioNetHeader {
    static final int LENGTH = 10;

    private static final int FLAGS = 0;
    private static final int GSO_TYPE = 1;
    private static final int HDR_LEN = 2;
    private static final int GSO_SIZE = 4;
    private static final int CSUM_START = 6;
    private static final int CSUM_OFFSET = 8;

    // linux/virtio_net.h: VIRTIO_NET_HDR_F_*, VIRTIO_NET_HDR_GSO_*
    private static final int F_NEEDS_CSUM = 1;
    private static final int GSO_NONE = 0;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;
    private static final int GSO_UDP_L4 = 5;
    private static final int GSO_ECN = 0x80;

    // Where the checksum is in a header: RFC 9293 §3.1, RFC 768.
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;

    private static final boolean SWAPS = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final Ipv4Header ip4 = new Ipv4Header();
    private final Ipv6Extensions extensions = new Ipv6Extensions();
    private final TcpHeader tcp = new TcpHeader();
    private final boolean isEthernet;
    private ByteBuffer memory;
    private int at;

    /** In front of IP packets. */
    VirtioNetHeader() {
        this(false);
    }

    /**
     * @param isEthernet whether the packets are Ethernet frames
     */
    VirtioNetHeader(boolean isEthernet) {
        this.isEthernet = isEthernet;
    }

    /**
     * @param memory big-endian
     * @param packetAt where the packet is; the header stands right before it
     */
    VirtioNetHeader wrapBefore(ByteBuffer memory, int packetAt) {
        this.memory = memory;
        this.at = packetAt - LENGTH;
        return this;
    }

    /**
     * Whether what the header says is about this packet: nothing lies behind its end, and a
     * super-packet is one of TCP or UDP.
     */
    boolean isValid(int packetBytes) {
        if (!isSuperPacket()) {
            return !needsChecksum() || checksumStart() + checksumOffset() + 2 <= packetBytes;
        }
        if (!needsChecksum() || segmentBytes() == 0) {
            return false;
        }
        return switch (gsoType()) {
            case GSO_TCPV4 -> isOver(IpVersion.IPV4, packetBytes) && isTcp(packetBytes);
            case GSO_TCPV6 -> isOver(IpVersion.IPV6, packetBytes) && isTcp(packetBytes);
            case GSO_UDP_L4 ->
                    checksumOffset() == UDP_CHECKSUM
                            && checksumStart() + UdpHeader.LENGTH <= packetBytes
                            && (isOver(IpVersion.IPV4, packetBytes)
                                    || isOver(IpVersion.IPV6, packetBytes));
            default -> false;
        };
    }

    private boolean isOver(int version, int packetBytes) {
        int minLength = version == IpVersion.IPV4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH;
        int linkBytes = linkBytes(packetBytes);
        return linkBytes + minLength <= Math.min(packetBytes, checksumStart())
                && IpVersion.of(memory, at + LENGTH + linkBytes) == version;
    }

    /** In front of the IP header. */
    private int linkBytes(int packetBytes) {
        return isEthernet ? EthernetHeader.lengthWithTags(memory, at + LENGTH, packetBytes) : 0;
    }

    private boolean isTcp(int packetBytes) {
        return checksumOffset() == TCP_CHECKSUM
                && checksumStart() + TcpHeader.MIN_LENGTH <= packetBytes;
    }

    /** Whether the checksum field holds the sum of the pseudo header only. */
    boolean needsChecksum() {
        return (memory.get(at + FLAGS) & F_NEEDS_CSUM) != 0;
    }

    /** Whether the packet stands for many segments. */
    boolean isSuperPacket() {
        return gsoType() != GSO_NONE;
    }

    private int gsoType() {
        return memory.get(at + GSO_TYPE) & 0xff & ~GSO_ECN;
    }

    /** Bytes of all headers; only a hint. */
    int headerBytes() {
        return u16(HDR_LEN);
    }

    /** Payload bytes of each segment but the last. */
    int segmentBytes() {
        return u16(GSO_SIZE);
    }

    /** Where the transport header begins, and what its checksum covers. */
    int checksumStart() {
        return u16(CSUM_START);
    }

    /** Where the checksum is in the transport header. */
    int checksumOffset() {
        return u16(CSUM_OFFSET);
    }

    /** How many segments a valid super-packet stands for, about: options count as payload. */
    int segments(int packetBytes) {
        return (packetBytes - checksumStart()) / segmentBytes() + 1;
    }

    /** Puts the checksum where only the pseudo header's sum was; the header must be valid. */
    void completeChecksum(int packetBytes) {
        int start = at + LENGTH + checksumStart();
        int checksum = InternetChecksum.checksum(memory, start, packetBytes - checksumStart());
        // Zero means none in UDP (RFC 768), and is the same number as its complement in TCP.
        memory.putShort(start + checksumOffset(), (short) (checksum == 0 ? 0xffff : checksum));
    }

    /** Says that the packet is one like any other. */
    void describePlain() {
        memory.putLong(at, 0).putShort(at + CSUM_OFFSET, (short) 0);
    }

    /**
     * Says that the packet stands for segments, and that its checksum is partial.
     *
     * @param packetBytes the whole packet's length, wherever it lies; its headers lie here
     * @param segmentBytes payload bytes of each segment but the last, 1 to 65,535
     * @return false when the packet is no TCP segment or UDP datagram
     */
    boolean describeSegments(int packetBytes, int segmentBytes) {
        int packetAt = at + LENGTH;
        int ip = packetAt + linkBytes(packetBytes);
        boolean isIpv4 = IpVersion.of(memory, ip) == IpVersion.IPV4;
        if (!isIpv4 && !extensions.walk(memory, ip)) {
            return false;
        }
        int transport = isIpv4 ? ip4.wrap(memory, ip).payloadAt() : extensions.endAt();
        int protocol = isIpv4 ? ip4.protocol() : extensions.protocol();
        if (protocol == IpProtocol.TCP) {
            tcp.wrap(memory, transport);
            int type = isIpv4 ? GSO_TCPV4 : GSO_TCPV6;
            boolean hasCwr = (tcp.flags() & TcpHeader.CWR) != 0;
            describe(
                    packetBytes,
                    tcp.payloadAt() - packetAt,
                    segmentBytes,
                    hasCwr ? type | GSO_ECN : type);
            checksum(transport - packetAt, TCP_CHECKSUM);
            return true;
        }
        if (protocol == IpProtocol.UDP) {
            int headerBytes = transport + UdpHeader.LENGTH - packetAt;
            describe(packetBytes, headerBytes, segmentBytes, GSO_UDP_L4);
            checksum(transport - packetAt, UDP_CHECKSUM);
            return true;
        }
        return false;
    }

    private void describe(int packetBytes, int headerBytes, int segmentBytes, int type) {
        // What is one segment is none to split, but lacks its checksum all the same.
        boolean isMany = packetBytes - headerBytes > segmentBytes;
        memory.put(at + FLAGS, (byte) F_NEEDS_CSUM);
        memory.put(at + GSO_TYPE, (byte) (isMany ? type : GSO_NONE));
        u16(HDR_LEN, headerBytes);
        u16(GSO_SIZE, isMany ? segmentBytes : 0);
    }

    private void checksum(int start, int offset) {
        u16(CSUM_START, start);
        u16(CSUM_OFFSET, offset);
    }

    private int u16(int field) {
        short stored = memory.getShort(at + field);
        return (SWAPS ? Short.reverseBytes(stored) : stored) & 0xffff;
    }

    private void u16(int field, int value) {
        memory.putShort(at + field, SWAPS ? Short.reverseBytes((short) value) : (short) value);
    }
}
