package io.culvert.linux;

/*
 * recvmmsg(2) fills an array of struct mmsghdr. Laid out as in OutgoingMessages, with one difference:
 * message i always receives into place i of packet memory. So the pointers to the packets change
 * only when another memory comes along, and a call that receives one packet does not pay for the
 * 127 that it did not.
 */

/** The messages of one {@code recvmmsg}: where each packet is put and by what link it came. */
public final class IncomingMessages {
    private static final int BLOCK_BYTES = 64;
    private static final int CONTROL = Abi.IOVEC_BYTES;
    private static final int CONTROL_DATA = CONTROL + Abi.CMSGHDR_BYTES;
    private static final int CONTROL_BYTES = Abi.controlSpace(Abi.IN_PKTINFO_BYTES);

    private final NativeMemory memory;
    private final int capacity;
    private long firstAddress;
    private int strideBytes;
    private int packetBytes;

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     */
    public IncomingMessages(int capacity) {
        this.capacity = capacity;
        this.memory = NativeMemory.allocate(capacity * (Abi.MMSGHDR_BYTES + BLOCK_BYTES));
        for (int i = 0; i < capacity; i++) {
            long blockAddress = memory.address() + block(i);
            memory.bytes()
                    .putLong(header(i) + Abi.MSGHDR_IOV, blockAddress)
                    .putLong(header(i) + Abi.MSGHDR_IOVLEN, 1)
                    .putLong(header(i) + Abi.MSGHDR_CONTROL, blockAddress + CONTROL)
                    .putLong(header(i) + Abi.MSGHDR_CONTROLLEN, CONTROL_BYTES);
        }
    }

    public int capacity() {
        return capacity;
    }

    /**
     * Says where packets are to be put: message i at {@code firstAddress + i * strideBytes}.
     *
     * @param packetBytes room for each packet; a longer one arrives cut off
     */
    public void aim(long firstAddress, int strideBytes, int packetBytes) {
        if (firstAddress == this.firstAddress
                && strideBytes == this.strideBytes
                && packetBytes == this.packetBytes) {
            return;
        }
        for (int i = 0; i < capacity; i++) {
            memory.bytes()
                    .putLong(block(i) + Abi.IOVEC_BASE, firstAddress + (long) i * strideBytes)
                    .putLong(block(i) + Abi.IOVEC_LEN, packetBytes);
        }
        this.firstAddress = firstAddress;
        this.strideBytes = strideBytes;
        this.packetBytes = packetBytes;
    }

    /** Where the kernel finds the message and those behind it. */
    public long address(int message) {
        return memory.address() + header(message);
    }

    /** How much of a received message there is. */
    public int lengthBytes(int message) {
        return memory.bytes().getInt(header(message) + Abi.MMSGHDR_LEN);
    }

    /**
     * The interface that a received message came by, and 0 when the socket does not tell. Makes the
     * message ready to receive again, so it is called once for each.
     */
    public int takeArrivalLink(int message) {
        int header = header(message);
        long controlBytes = memory.bytes().getLong(header + Abi.MSGHDR_CONTROLLEN);
        // The kernel wrote how much control data there was over how much room there is.
        memory.bytes().putLong(header + Abi.MSGHDR_CONTROLLEN, CONTROL_BYTES);
        return controlBytes < CONTROL_DATA - CONTROL + Abi.IN_PKTINFO_BYTES
                ? 0
                : memory.bytes().getInt(block(message) + CONTROL_DATA + Abi.IN_PKTINFO_IFINDEX);
    }

    private static int header(int message) {
        return message * Abi.MMSGHDR_BYTES;
    }

    private int block(int message) {
        return capacity * Abi.MMSGHDR_BYTES + message * BLOCK_BYTES;
    }
}
