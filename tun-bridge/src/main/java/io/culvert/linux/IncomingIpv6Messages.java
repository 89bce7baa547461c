package io.culvert.linux;

/**
 * Messages of a raw IPv6 socket with IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT and IPV6_FLOWINFO: they
 * tell what the IPv6 header said that the kernel removed.
 */
public final class IncomingIpv6Messages extends IncomingMessages {
    private static final int CONTROL_BYTES =
            Abi.controlSpace(Abi.IN6_PKTINFO_BYTES) + 2 * Abi.controlSpace(Integer.BYTES);

    private long destinationHigh;
    private long destinationLow;
    private long sourceHigh;
    private long sourceLow;
    private int arrivalLink;
    private int hopLimit;
    private int flowInfo;

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     */
    public IncomingIpv6Messages(int capacity) {
        super(capacity, Abi.SOCKADDR_IN6_BYTES, CONTROL_BYTES);
    }

    /**
     * Reads what a received message tells; the accessors say it until the next one is taken. Makes
     * the message ready to receive again, so it is called once for each.
     */
    public void take(int message) {
        int name = name(message) + Abi.SOCKADDR_IN6_ADDR;
        sourceHigh = memory.networkLong(name);
        sourceLow = memory.networkLong(name + Long.BYTES);
        destinationHigh = 0;
        destinationLow = 0;
        arrivalLink = 0;
        hopLimit = 0;
        flowInfo = 0;
        int at = control(message);
        int end = at + takeControlBytes(message);
        while (at + Abi.CMSGHDR_BYTES <= end) {
            int dataBytes = (int) memory.bytes().getLong(at + Abi.CMSGHDR_LEN) - Abi.CMSGHDR_BYTES;
            if (dataBytes < 0) {
                break;
            }
            if (memory.bytes().getInt(at + Abi.CMSGHDR_LEVEL) == LinuxSocket.SOL_IPV6) {
                read(memory.bytes().getInt(at + Abi.CMSGHDR_TYPE), at + Abi.CMSGHDR_BYTES);
            }
            at += Abi.controlSpace(dataBytes);
        }
    }

    private void read(int type, int at) {
        switch (type) {
            case LinuxSocket.IPV6_PKTINFO -> {
                destinationHigh = memory.networkLong(at + Abi.IN6_PKTINFO_ADDR);
                destinationLow = memory.networkLong(at + Abi.IN6_PKTINFO_ADDR + Long.BYTES);
                arrivalLink = memory.bytes().getInt(at + Abi.IN6_PKTINFO_IFINDEX);
            }
            case LinuxSocket.IPV6_HOPLIMIT -> hopLimit = memory.bytes().getInt(at);
            case LinuxSocket.IPV6_FLOWINFO -> flowInfo = memory.networkInt(at);
            default -> {} // another option's
        }
    }

    public long sourceHigh() {
        return sourceHigh;
    }

    public long sourceLow() {
        return sourceLow;
    }

    public long destinationHigh() {
        return destinationHigh;
    }

    public long destinationLow() {
        return destinationLow;
    }

    /** Index of the interface it came by. */
    public int arrivalLink() {
        return arrivalLink;
    }

    public int hopLimit() {
        return hopLimit;
    }

    /** The traffic class in 8 bits, and the flow label in the lower 20. */
    public int flowInfo() {
        return flowInfo;
    }
}
