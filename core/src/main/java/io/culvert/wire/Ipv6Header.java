package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An IPv6 header (RFC 8200 §3), read and patched in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+---------------+---------------------------------------+
 * |Version| Traffic Class |              Flow Label               |
 * +-------+---------------+-------+---------------+---------------+
 * |        Payload Length         |  Next Header  |   Hop Limit   |
 * +-------------------------------+---------------+---------------+
 * |                  Source Address (128 bits)                    |
 * +---------------------------------------------------------------+
 * |                Destination Address (128 bits)                 |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * An address is two {@code long} halves, high first. Extension headers count as payload.
 */
public final class Ipv6Header {
    public static final int LENGTH = 40;

    /** Every link must carry packets of this size (RFC 8200 §5). */
    public static final int MIN_MTU = 1280;

    private static final int VERSION_CLASS_LABEL = 0;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    private static final int CLASS_SHIFT = 20;
    private static final int LABEL_MASK = 0x000f_ffff;
    private static final int ECN_MASK = 0x03;

    /** Version, traffic class and flow label; next header and hop limit. */
    private static final long ALIKE_IN_FIRST_8 = 0xffff_ffff_0000_ffffL;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 8200 §3")
                    .number("version", 4)
                    .section("RFC 2474 §3")
                    .number("dscp", 6)
                    .section("RFC 3168 §5")
                    .number("ecn", 2)
                    .section("RFC 6437 §2")
                    .bits("flow-label", 20)
                    .section("RFC 8200 §3")
                    .number("payload-length", 16)
                    .number("next-header", 8)
                    .number("hop-limit", 8)
                    .ipv6Address("source")
                    .ipv6Address("destination")
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public Ipv6Header wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /**
     * Whether {@code limitBytes} bytes from here hold a whole IPv6 packet: version 6 and 40 +
     * payload length ≤ {@code limitBytes}. Jumbograms (RFC 2675), whose payload length is 0, pass
     * as empty packets.
     */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH
                && IpVersion.of(memory, at) == IpVersion.IPV6
                && totalLengthBytes() <= limitBytes;
    }

    /** Whether the 40 bytes at {@code otherAt} are those of this header but for the length. */
    public boolean isLike(ByteBuffer otherMemory, int otherAt) {
        long difference = (memory.getLong(at) ^ otherMemory.getLong(otherAt)) & ALIKE_IN_FIRST_8;
        for (int i = SOURCE; i < LENGTH; i += Long.BYTES) {
            difference |= memory.getLong(at + i) ^ otherMemory.getLong(otherAt + i);
        }
        return difference == 0;
    }

    /** The whole octet: DSCP and ECN (RFC 2474 §3, RFC 3168 §5). */
    public int trafficClass() {
        return trafficClass(memory, at);
    }

    public int dscp() {
        return trafficClass() >>> 2;
    }

    public int ecn() {
        return trafficClass() & ECN_MASK;
    }

    /** The 20-bit flow label (RFC 6437). */
    public int flowLabel() {
        return memory.getInt(at + VERSION_CLASS_LABEL) & LABEL_MASK;
    }

    public int payloadLengthBytes() {
        return memory.getShort(at + PAYLOAD_LENGTH) & 0xffff;
    }

    /** Header and payload. */
    public int totalLengthBytes() {
        return totalLengthBytes(memory, at);
    }

    public int nextHeader() {
        return nextHeader(memory, at);
    }

    public int hopLimit() {
        return hopLimit(memory, at);
    }

    public long sourceHigh() {
        return memory.getLong(at + SOURCE);
    }

    public long sourceLow() {
        return memory.getLong(at + SOURCE + 8);
    }

    public long destinationHigh() {
        return memory.getLong(at + DESTINATION);
    }

    public long destinationLow() {
        return memory.getLong(at + DESTINATION + 8);
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }

    /**
     * Whether the source names one node, so that an ICMPv6 error may be sent to it: neither
     * unspecified nor multicast (RFC 4443 §2.4 (e.6)).
     */
    public boolean isSourceSingleNode() {
        return !Ipv6Address.isUnspecified(sourceHigh(), sourceLow())
                && !Ipv6Address.isMulticast(sourceHigh());
    }

    /**
     * Whether the packet went to a group: the only errors that may answer it are packet too big and
     * an unrecognised option that asks for one (RFC 4443 §2.4 (e.3)).
     */
    public boolean isDestinationMulticast() {
        return Ipv6Address.isMulticast(destinationHigh());
    }

    /** The sum of the pseudo header of an upper-layer packet between these addresses (§8.1). */
    public int pseudoHeaderSum(int upperLayerProtocol, int upperLayerLengthBytes) {
        return InternetChecksum.pseudoHeaderV6Sum(
                memory, at + SOURCE, upperLayerProtocol, upperLayerLengthBytes);
    }

    /** Writes version 6, the traffic class and the flow label: the first 32 bits. */
    public Ipv6Header versionClassAndLabel(int trafficClass, int flowLabel) {
        memory.putInt(
                at + VERSION_CLASS_LABEL,
                IpVersion.IPV6 << 28 | trafficClass << CLASS_SHIFT | flowLabel & LABEL_MASK);
        return this;
    }

    public Ipv6Header trafficClass(int trafficClass) {
        return versionClassAndLabel(trafficClass, flowLabel());
    }

    public Ipv6Header dscp(int dscp) {
        return trafficClass(dscp << 2 | ecn());
    }

    public Ipv6Header ecn(int ecn) {
        return trafficClass(trafficClass() & ~ECN_MASK | ecn);
    }

    public Ipv6Header flowLabel(int flowLabel) {
        return versionClassAndLabel(trafficClass(), flowLabel);
    }

    public Ipv6Header payloadLengthBytes(int payloadLengthBytes) {
        memory.putShort(at + PAYLOAD_LENGTH, (short) payloadLengthBytes);
        return this;
    }

    public Ipv6Header nextHeader(int nextHeader) {
        memory.put(at + NEXT_HEADER, (byte) nextHeader);
        return this;
    }

    public Ipv6Header hopLimit(int hopLimit) {
        memory.put(at + HOP_LIMIT, (byte) hopLimit);
        return this;
    }

    public Ipv6Header source(long high, long low) {
        memory.putLong(at + SOURCE, high);
        memory.putLong(at + SOURCE + 8, low);
        return this;
    }

    public Ipv6Header destination(long high, long low) {
        memory.putLong(at + DESTINATION, high);
        memory.putLong(at + DESTINATION + 8, low);
        return this;
    }

    public static int trafficClass(ByteBuffer memory, int at) {
        return (memory.getShort(at + VERSION_CLASS_LABEL) & 0x0ff0) >>> 4;
    }

    public static int totalLengthBytes(ByteBuffer memory, int at) {
        return LENGTH + (memory.getShort(at + PAYLOAD_LENGTH) & 0xffff);
    }

    public static int nextHeader(ByteBuffer memory, int at) {
        return memory.get(at + NEXT_HEADER) & 0xff;
    }

    public static int hopLimit(ByteBuffer memory, int at) {
        return memory.get(at + HOP_LIMIT) & 0xff;
    }
}
