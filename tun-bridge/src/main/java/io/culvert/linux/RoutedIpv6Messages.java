package io.culvert.linux;

/*
 * A message's block:
 *
 *   | iovec iovec sockaddr_in6 | cmsghdr in6_pktinfo |
 *   | 16    16    28 (+ 4)     | 16      20 (+ 4)    | (+ 24)
 *
 * What RoutedMessages say of their protocol is not needed here: a raw IPv6 socket looks for IPsec
 * policies and routing rules by its own protocol, also with IPV6_HDRINCL.
 */

/** Messages to IPv6 addresses, whose way the host's routes know. */
public final class RoutedIpv6Messages extends OutgoingMessages {
    private static final int BLOCK_BYTES = 128;
    private static final int ADDRESS = NAME + Abi.SOCKADDR_IN6_ADDR;
    private static final int LINK = NAME + 32;
    private static final int LINK_DATA = LINK + Abi.CMSGHDR_BYTES;
    private static final int LINK_BYTES = Abi.controlSpace(Abi.IN6_PKTINFO_BYTES);

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     */
    public RoutedIpv6Messages(int capacity) {
        super(capacity, BLOCK_BYTES, Abi.SOCKADDR_IN6_BYTES);
        for (int i = 0; i < capacity; i++) {
            int block = block(i);
            memory.bytes()
                    .putLong(header(i) + Abi.MSGHDR_CONTROL, memory.address() + block + LINK)
                    .putShort(block + NAME + Abi.SOCKADDR_IN6_FAMILY, (short) LinuxSocket.AF_INET6)
                    .putLong(
                            block + LINK + Abi.CMSGHDR_LEN,
                            Abi.controlLength(Abi.IN6_PKTINFO_BYTES))
                    .putInt(block + LINK + Abi.CMSGHDR_LEVEL, LinuxSocket.SOL_IPV6)
                    .putInt(block + LINK + Abi.CMSGHDR_TYPE, LinuxSocket.IPV6_PKTINFO);
        }
    }

    /**
     * Describes a message.
     *
     * @param message its index, below the capacity
     * @param packetAddress native address of the packet's first byte
     * @param lengthBytes the packet's length, without a tail
     * @param destinationHigh where the packet goes, the address's first half
     * @param destinationLow its second half
     * @param interfaceIndex the interface that it must leave by, 0 to let the routes say
     */
    public void put(
            int message,
            long packetAddress,
            int lengthBytes,
            long destinationHigh,
            long destinationLow,
            int interfaceIndex) {
        packet(message, packetAddress, lengthBytes);
        int block = block(message);
        memory.networkLong(block + ADDRESS, destinationHigh);
        memory.networkLong(block + ADDRESS + Long.BYTES, destinationLow);
        memory.bytes()
                .putLong(
                        header(message) + Abi.MSGHDR_CONTROLLEN,
                        interfaceIndex == 0 ? 0 : LINK_BYTES);
        if (interfaceIndex != 0) {
            memory.bytes().putInt(block + LINK_DATA + Abi.IN6_PKTINFO_IFINDEX, interfaceIndex);
        }
    }
}
