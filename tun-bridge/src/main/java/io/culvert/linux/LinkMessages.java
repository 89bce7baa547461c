package io.culvert.linux;

/*
 * sendmmsg(2) on a packet socket, laid out as in OutgoingMessages:
 *
 *   mmsghdr[0] mmsghdr[1] ... | iovec iovec sockaddr_ll | iovec ...
 *   64 bytes each             | 16    16    20 (+ 12)  = 64 bytes each
 */

/** The messages of one {@code sendmmsg} that leave by an interface for a neighbour on its link. */
public final class LinkMessages {
    private static final int BLOCK_BYTES = 64;
    private static final int TAIL = Abi.IOVEC_BYTES;
    private static final int NAME = TAIL + Abi.IOVEC_BYTES;

    private static final int ETHERNET_ADDRESS_BYTES = 6; // linux/if_ether.h: ETH_ALEN

    private final NativeMemory memory;
    private final int capacity;

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     * @param etherType what the link is told that they are, such as 0x0800 for IPv4
     */
    public LinkMessages(int capacity, int etherType) {
        this.capacity = capacity;
        this.memory = NativeMemory.allocate(capacity * (Abi.MMSGHDR_BYTES + BLOCK_BYTES));
        for (int i = 0; i < capacity; i++) {
            int name = block(i) + NAME;
            memory.bytes()
                    .putLong(header(i) + Abi.MSGHDR_NAME, memory.address() + name)
                    .putInt(header(i) + Abi.MSGHDR_NAMELEN, Abi.SOCKADDR_LL_BYTES)
                    .putLong(header(i) + Abi.MSGHDR_IOV, memory.address() + block(i))
                    .putShort(name + Abi.SOCKADDR_LL_FAMILY, (short) LinuxSocket.AF_PACKET)
                    .put(name + Abi.SOCKADDR_LL_PROTOCOL, (byte) (etherType >>> 8))
                    .put(name + Abi.SOCKADDR_LL_PROTOCOL + 1, (byte) etherType)
                    .put(name + Abi.SOCKADDR_LL_HALEN, (byte) ETHERNET_ADDRESS_BYTES);
        }
    }

    public int capacity() {
        return capacity;
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
        int header = header(message);
        int block = block(message);
        memory.bytes()
                .putLong(block + Abi.IOVEC_BASE, packetAddress)
                .putLong(block + Abi.IOVEC_LEN, lengthBytes)
                .putLong(header + Abi.MSGHDR_IOVLEN, 1)
                .putInt(block + NAME + Abi.SOCKADDR_LL_IFINDEX, interfaceIndex);
        memory.networkInt(block + NAME + Abi.SOCKADDR_LL_ADDR, (int) (linkAddress >>> 16));
        // the last two of its octets, and two that the kernel does not look at
        memory.networkInt(
                block + NAME + Abi.SOCKADDR_LL_ADDR + Integer.BYTES, (int) linkAddress << 16);
    }

    /**
     * Has a message that was {@linkplain #put described} go on with bytes from elsewhere.
     *
     * @param tailAddress native address of the first of them
     */
    public void tail(int message, long tailAddress, int tailBytes) {
        int tail = block(message) + TAIL;
        memory.bytes()
                .putLong(tail + Abi.IOVEC_BASE, tailAddress)
                .putLong(tail + Abi.IOVEC_LEN, tailBytes)
                .putLong(header(message) + Abi.MSGHDR_IOVLEN, 2);
    }

    /** Where the kernel finds the message and those behind it. */
    public long address(int message) {
        return memory.address() + header(message);
    }

    private static int header(int message) {
        return message * Abi.MMSGHDR_BYTES;
    }

    private int block(int message) {
        return capacity * Abi.MMSGHDR_BYTES + message * BLOCK_BYTES;
    }
}
