package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An {@linkplain Ipv6Header IPv6 header} that is laid down many times: next header and addresses
 * stay, the rest is set before each {@link #write}. As {@link Ipv4Template}, it is written in whole
 * words.
 *
 * <p>Behind it may stand a Destination Options header with a Tunnel Encapsulation Limit (RFC 2473
 * §4.1.1), laid out as Linux does:
 *
 * <pre>
 * +---------------+---------------+---------------+---------------+
 * |  Next Header  | Hdr Ext Len 0 | Option Type 4 | Opt Data Len 1|
 * +---------------+---------------+---------------+---------------+
 * | Encap. Limit  |    PadN 1     | Opt Data Len 1|       0       |
 * +---------------+---------------+---------------+---------------+
 * </pre>
 *
 * <p>Confined to one thread; allocates nothing.
 */
public final class Ipv6Template {
    /** Bytes of the header with the limit. */
    public static final int LIMIT_LENGTH = 8;

    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;
    private static final int VERSION_SHIFT = 28;
    private static final int CLASS_SHIFT = 20;
    private static final long LIMIT_OPTION = 0x0000_0401_0001_0100L;
    private static final int LIMIT_SHIFT = 24;
    private static final int NEXT_HEADER_SHIFT = 56;

    private final int nextHeader;
    private final long destinationHigh;
    private final long destinationLow;
    private long sourceHigh;
    private long sourceLow;
    private int trafficClass;
    private int flowLabel;
    private int payloadLengthBytes;
    private int hopLimit;

    /**
     * @param nextHeader an {@link IpProtocol}, 0 to 255: of what follows header and limit
     * @param destinationHigh upper half of the address; {@code destinationLow} the lower one
     */
    public Ipv6Template(int nextHeader, long destinationHigh, long destinationLow) {
        this.nextHeader = nextHeader;
        this.destinationHigh = destinationHigh;
        this.destinationLow = destinationLow;
    }

    /** The source address; :: at first. */
    public Ipv6Template source(long high, long low) {
        sourceHigh = high;
        sourceLow = low;
        return this;
    }

    /** 0 to 255. */
    public Ipv6Template trafficClass(int trafficClass) {
        this.trafficClass = trafficClass;
        return this;
    }

    /** 0 to 0xfffff. */
    public Ipv6Template flowLabel(int flowLabel) {
        this.flowLabel = flowLabel;
        return this;
    }

    /** Of all that follows the header, with the limit: 0 to 65,535. */
    public Ipv6Template payloadLengthBytes(int payloadLengthBytes) {
        this.payloadLengthBytes = payloadLengthBytes;
        return this;
    }

    /** 0 to 255. */
    public Ipv6Template hopLimit(int hopLimit) {
        this.hopLimit = hopLimit;
        return this;
    }

    /** Lays down {@link Ipv6Header#LENGTH} bytes. */
    public void write(ByteBuffer memory, int at) {
        write(memory, at, nextHeader);
    }

    /**
     * Lays down {@link Ipv6Header#LENGTH} bytes and {@link #LIMIT_LENGTH} more.
     *
     * @param encapLimit 0 to 255
     */
    public void writeWithLimit(ByteBuffer memory, int at, int encapLimit) {
        write(memory, at, IpProtocol.IPV6_DESTINATION_OPTIONS);
        memory.putLong(
                at + Ipv6Header.LENGTH,
                (long) nextHeader << NEXT_HEADER_SHIFT
                        | LIMIT_OPTION
                        | (long) encapLimit << LIMIT_SHIFT);
    }

    private void write(ByteBuffer memory, int at, int firstNextHeader) {
        int firstHalf = IpVersion.IPV6 << VERSION_SHIFT | trafficClass << CLASS_SHIFT | flowLabel;
        int secondHalf = payloadLengthBytes << 16 | firstNextHeader << 8 | hopLimit;
        memory.putLong(at, (long) firstHalf << 32 | secondHalf & 0xffff_ffffL);
        memory.putLong(at + SOURCE, sourceHigh);
        memory.putLong(at + SOURCE + 8, sourceLow);
        memory.putLong(at + DESTINATION, destinationHigh);
        memory.putLong(at + DESTINATION + 8, destinationLow);
    }
}
