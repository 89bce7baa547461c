package io.culvert.linux;

/*
 * A message's block:
 *
 *   | iovec iovec sockaddr_ll |
 *   | 16    16    20 (+ 12)   |
 */

/** Messages of a packet socket that leave by an interface for a neighbour on its link. */
public final class LinkMessages extends OutgoingMessages {
    private static final int BLOCK_BYTES = 64;
    private static final int ETHERNET_ADDRESS_BYTES = 6; // linux/if_ether.h: ETH_ALEN

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     * @param etherType what the link is told that they are, such as 0x0800 for IPv4
     */
    public LinkMessages(int capacity, int etherType) {
        super(capacity, BLOCK_BYTES, Abi.SOCKADDR_LL_BYTES);
        for (int i = 0; i < capacity; i++) {
            int name = block(i) + NAME;
            memory.bytes()
                    .putShort(name + Abi.SOCKADDR_LL_FAMILY, (short) LinuxSocket.AF_PACKET)
                    .put(name + Abi.SOCKADDR_LL_PROTOCOL, (byte) (etherType >>> 8))
                    .put(name + Abi.SOCKADDR_LL_PROTOCOL + 1, (byte) etherType)
                    .put(name + Abi.SOCKADDR_LL_HALEN, (byte) ETHERNET_ADDRESS_BYTES);
        }
    }

    /**
     * Describes a message.
     *
     * @param message its index, below the capacity
     * @param packetAddress native address of the packet's first byte
     * @param lengthBytes the packet's length, without a tail
     * @param interfaceIndex the interface it leaves by
     * @param linkAddress the neighbour's Ethernet address, in the lower 48 bits
     */
    public void put(
            int message,
            long packetAddress,
            int lengthBytes,
            int interfaceIndex,
            long linkAddress) {
        packet(message, packetAddress, lengthBytes);
        int name = block(message) + NAME;
        memory.bytes().putInt(name + Abi.SOCKADDR_LL_IFINDEX, interfaceIndex);
        memory.networkInt(name + Abi.SOCKADDR_LL_ADDR, (int) (linkAddress >>> 16));
        // the last two of its octets, and two that the kernel does not look at
        memory.networkInt(name + Abi.SOCKADDR_LL_ADDR + Integer.BYTES, (int) linkAddress << 16);
    }
}
