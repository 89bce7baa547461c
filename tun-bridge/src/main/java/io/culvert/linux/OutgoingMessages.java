package io.culvert.linux;

/*
 * sendmmsg(2) wants an array of struct mmsghdr, each pointing to its struct iovecs, a destination
 * and control messages. All of it is one piece of memory whose pointers are laid down once:
 *
 *   mmsghdr[0] mmsghdr[1] ... | iovec iovec destination ... | iovec iovec destination ... |
 *   64 bytes each             | 16    16    a block of whole cache lines each
 */

/** The messages of one {@code sendmmsg}: where each packet lies, and where it goes. */
public abstract class OutgoingMessages {
    private static final int TAIL = Abi.IOVEC_BYTES;

    /** Where the destination begins in a message's block. */
    static final int NAME = TAIL + Abi.IOVEC_BYTES;

    final NativeMemory memory;
    private final int capacity;
    private final int blockBytes;

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     * @param blockBytes of the block that each message has beside its header
     * @param nameBytes of the destination in it; 0 when the socket knows it
     */
    OutgoingMessages(int capacity, int blockBytes, int nameBytes) {
        this.capacity = capacity;
        this.blockBytes = blockBytes;
        this.memory = NativeMemory.allocate(capacity * (Abi.MMSGHDR_BYTES + blockBytes));
        for (int i = 0; i < capacity; i++) {
            long blockAddress = memory.address() + block(i);
            memory.bytes()
                    .putLong(header(i) + Abi.MSGHDR_NAME, blockAddress + NAME)
                    .putInt(header(i) + Abi.MSGHDR_NAMELEN, nameBytes)
                    .putLong(header(i) + Abi.MSGHDR_IOV, blockAddress);
        }
    }

    /** Has a message be a packet, without a tail. */
    final void packet(int message, long packetAddress, int lengthBytes) {
        int block = block(message);
        memory.bytes()
                .putLong(block + Abi.IOVEC_BASE, packetAddress)
                .putLong(block + Abi.IOVEC_LEN, lengthBytes)
                .putLong(header(message) + Abi.MSGHDR_IOVLEN, 1);
    }

    /**
     * Has a message that was described go on with bytes from elsewhere.
     *
     * @param tailAddress native address of the first of them
     */
    public final void tail(int message, long tailAddress, int tailBytes) {
        int tail = block(message) + TAIL;
        memory.bytes()
                .putLong(tail + Abi.IOVEC_BASE, tailAddress)
                .putLong(tail + Abi.IOVEC_LEN, tailBytes)
                .putLong(header(message) + Abi.MSGHDR_IOVLEN, 2);
    }

    /** Where the kernel finds the message and those behind it. */
    public final long address(int message) {
        return memory.address() + header(message);
    }

    static int header(int message) {
        return message * Abi.MMSGHDR_BYTES;
    }

    final int block(int message) {
        return capacity * Abi.MMSGHDR_BYTES + message * blockBytes;
    }
}
