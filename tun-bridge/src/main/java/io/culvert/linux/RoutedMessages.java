package io.culvert.linux;

/*
 * A message's block:
 *
 *   | iovec iovec sockaddr_in cmsghdr | in_pktinfo |
 *   | 16    16    16          16      | 12 (+ 52)  |
 *
 * so that a message touches two cache lines, and a third only when it must leave by one interface.
 */

/** Messages to IPv4 addresses, whose way the host's routes know, or of a connected socket. */
public final class RoutedMessages extends OutgoingMessages {
    private static final int BLOCK_BYTES = 128;
    private static final int CONTROL = NAME + Abi.SOCKADDR_IN_BYTES;
    private static final int CONTROL_DATA = CONTROL + Abi.CMSGHDR_BYTES;
    private static final int CONTROL_BYTES = Abi.controlSpace(Abi.IN_PKTINFO_BYTES);

    /** Who knows where messages go. */
    public enum Addressing {
        /** Each message says it. */
        BY_MESSAGE,
        /** The socket is connected; it may be of any family. */
        CONNECTED
    }

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     */
    public RoutedMessages(int capacity, Addressing addressing) {
        super(
                capacity,
                BLOCK_BYTES,
                addressing == Addressing.BY_MESSAGE ? Abi.SOCKADDR_IN_BYTES : 0);
        for (int i = 0; i < capacity; i++) {
            int control = block(i) + CONTROL;
            memory.bytes()
                    .putLong(header(i) + Abi.MSGHDR_CONTROL, memory.address() + control)
                    .putShort(block(i) + NAME + Abi.SOCKADDR_IN_FAMILY, (short) LinuxSocket.AF_INET)
                    .putLong(control + Abi.CMSGHDR_LEN, Abi.controlLength(Abi.IN_PKTINFO_BYTES))
                    .putInt(control + Abi.CMSGHDR_LEVEL, LinuxSocket.SOL_IP)
                    .putInt(control + Abi.CMSGHDR_TYPE, LinuxSocket.IP_PKTINFO);
        }
    }

    /**
     * Describes a message.
     *
     * @param message its index, below the capacity
     * @param packetAddress native address of the packet's first byte
     * @param lengthBytes the packet's length, without a tail
     * @param destinationIpv4 where the packet goes, as {@code int} bits
     * @param interfaceIndex the interface that it must leave by, 0 to let the routes say
     */
    public void put(
            int message,
            long packetAddress,
            int lengthBytes,
            int destinationIpv4,
            int interfaceIndex) {
        packet(message, packetAddress, lengthBytes);
        int block = block(message);
        memory.bytes()
                .putLong(
                        header(message) + Abi.MSGHDR_CONTROLLEN,
                        interfaceIndex == 0 ? 0 : CONTROL_BYTES);
        memory.networkInt(block + NAME + Abi.SOCKADDR_IN_ADDR, destinationIpv4);
        if (interfaceIndex != 0) {
            memory.bytes().putInt(block + CONTROL_DATA + Abi.IN_PKTINFO_IFINDEX, interfaceIndex);
        }
    }
}
