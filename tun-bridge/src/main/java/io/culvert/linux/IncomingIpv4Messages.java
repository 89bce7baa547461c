package io.culvert.linux;

/** Messages of an IPv4 socket; where it has IP_PKTINFO, they tell by what link they came. */
public final class IncomingIpv4Messages extends IncomingMessages {
    private static final int CONTROL_BYTES = Abi.controlSpace(Abi.IN_PKTINFO_BYTES);

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     */
    public IncomingIpv4Messages(int capacity) {
        super(capacity, 0, CONTROL_BYTES);
    }

    /**
     * The interface that a received message came by, and 0 when the socket does not tell. Makes the
     * message ready to receive again, so it is called once for each.
     */
    public int takeArrivalLink(int message) {
        return takeControlBytes(message) < Abi.controlLength(Abi.IN_PKTINFO_BYTES)
                ? 0
                : memory.bytes()
                        .getInt(control(message) + Abi.CMSGHDR_BYTES + Abi.IN_PKTINFO_IFINDEX);
    }
}
