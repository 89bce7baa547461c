package io.culvert.linux;

/*
 * sendmmsg(2) wants an array of struct mmsghdr, each pointing to its struct iovecs, a destination
 * and control messages. All of it is one piece of memory whose pointers are laid down once:
 *
 *   mmsghdr[0] mmsghdr[1] ... | iovec iovec sockaddr_in cmsghdr | in_pktinfo | iovec iovec ...
 *   64 bytes each             | 16    16    16          16      | 12 (+ 52)  = 128 bytes each
 *
 * so that a message touches two cache lines, and a third only when it must leave by one interface.
 */

/** The messages of one {@code sendmmsg}: where each packet lies, where it goes and by what link. */
public final class OutgoingMessages {
    private static final int BLOCK_BYTES = 128;
    private static final int TAIL = Abi.IOVEC_BYTES;
    private static final int NAME = TAIL + Abi.IOVEC_BYTES;
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

    private final NativeMemory memory;
    private final int capacity;

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     */
    public OutgoingMessages(int capacity, Addressing addressing) {
        this.capacity = capacity;
        this.memory = NativeMemory.allocate(capacity * (Abi.MMSGHDR_BYTES + BLOCK_BYTES));
        int nameBytes = addressing == Addressing.BY_MESSAGE ? Abi.SOCKADDR_IN_BYTES : 0;
        for (int i = 0; i < capacity; i++) {
            layDown(header(i), block(i), nameBytes);
        }
    }

    private void layDown(int header, int block, int nameBytes) {
        long blockAddress = memory.address() + block;
        memory.bytes()
                .putLong(header + Abi.MSGHDR_NAME, blockAddress + NAME)
                .putInt(header + Abi.MSGHDR_NAMELEN, nameBytes)
                .putLong(header + Abi.MSGHDR_IOV, blockAddress)
                .putLong(header + Abi.MSGHDR_CONTROL, blockAddress + CONTROL)
                .putShort(block + NAME + Abi.SOCKADDR_IN_FAMILY, (short) LinuxSocket.AF_INET)
                .putLong(block + CONTROL + Abi.CMSGHDR_LEN, Abi.controlLength(Abi.IN_PKTINFO_BYTES))
                .putInt(block + CONTROL + Abi.CMSGHDR_LEVEL, LinuxSocket.SOL_IP)
                .putInt(block + CONTROL + Abi.CMSGHDR_TYPE, LinuxSocket.IP_PKTINFO);
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
     * @param destinationIpv4 where the packet goes, as {@code int} bits
     * @param interfaceIndex the interface that it must leave by, 0 to let the routes say
     */
    public void put(
            int message,
            long packetAddress,
            int lengthBytes,
            int destinationIpv4,
            int interfaceIndex) {
        int header = header(message);
        int block = block(message);
        memory.bytes()
                .putLong(block + Abi.IOVEC_BASE, packetAddress)
                .putLong(block + Abi.IOVEC_LEN, lengthBytes)
                .putLong(header + Abi.MSGHDR_IOVLEN, 1)
                .putLong(header + Abi.MSGHDR_CONTROLLEN, interfaceIndex == 0 ? 0 : CONTROL_BYTES);
        memory.networkInt(block + NAME + Abi.SOCKADDR_IN_ADDR, destinationIpv4);
        if (interfaceIndex != 0) {
            memory.bytes().putInt(block + CONTROL_DATA + Abi.IN_PKTINFO_IFINDEX, interfaceIndex);
        }
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
