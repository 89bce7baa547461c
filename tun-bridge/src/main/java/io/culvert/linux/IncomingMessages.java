package io.culvert.linux;

/*
 * recvmmsg(2) fills an array of struct mmsghdr. Laid out as in OutgoingMessages, with one difference:
 * message i always receives into place i of packet memory. So the pointers to the packets change
 * only when another memory comes along, and a call that receives one packet does not pay for the
 * 127 that it did not. A message's block, in whole cache lines:
 *
 *   | iovec | the sender's address | control data |
 */

/** The messages of one {@code recvmmsg}: where each packet is put. */
public class IncomingMessages {
    private static final int CACHE_LINE_BYTES = 64;
    private static final int NAME = Abi.IOVEC_BYTES;

    final NativeMemory memory;
    private final int capacity;
    private final int controlBytes;
    private final int controlAt;
    private final int blockBytes;
    private long firstAddress;
    private int strideBytes;
    private int packetBytes;

    /**
     * Messages that tell nothing but their bytes.
     *
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     */
    public IncomingMessages(int capacity) {
        this(capacity, 0, 0);
    }

    /**
     * @param nameBytes of the sender's address; 0 when nobody asks
     * @param controlBytes room for control data
     */
    IncomingMessages(int capacity, int nameBytes, int controlBytes) {
        this.capacity = capacity;
        this.controlBytes = controlBytes;
        this.controlAt = NAME + (nameBytes + 7 & -8);
        this.blockBytes = controlAt + controlBytes + CACHE_LINE_BYTES - 1 & -CACHE_LINE_BYTES;
        this.memory = NativeMemory.allocate(capacity * (Abi.MMSGHDR_BYTES + blockBytes));
        for (int i = 0; i < capacity; i++) {
            long blockAddress = memory.address() + block(i);
            memory.bytes()
                    .putLong(header(i) + Abi.MSGHDR_NAME, nameBytes == 0 ? 0 : blockAddress + NAME)
                    .putInt(header(i) + Abi.MSGHDR_NAMELEN, nameBytes)
                    .putLong(header(i) + Abi.MSGHDR_IOV, blockAddress)
                    .putLong(header(i) + Abi.MSGHDR_IOVLEN, 1)
                    .putLong(header(i) + Abi.MSGHDR_CONTROL, blockAddress + controlAt)
                    .putLong(header(i) + Abi.MSGHDR_CONTROLLEN, controlBytes);
        }
    }

    public final int capacity() {
        return capacity;
    }

    /**
     * Says where packets are to be put: message i at {@code firstAddress + i * strideBytes}.
     *
     * @param packetBytes room for each packet; a longer one arrives cut off
     */
    public final void aim(long firstAddress, int strideBytes, int packetBytes) {
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
    public final long address(int message) {
        return memory.address() + header(message);
    }

    /** How much of a received message there is. */
    public final int lengthBytes(int message) {
        return Math.min(wholeBytes(message), packetBytes);
    }

    /** How long a message was, when it was received with {@link LinuxSocket#MSG_TRUNC}. */
    public final int wholeBytes(int message) {
        return memory.bytes().getInt(header(message) + Abi.MMSGHDR_LEN);
    }

    /** How much control data a message has; there is room for the next one's again. */
    final int takeControlBytes(int message) {
        int at = header(message) + Abi.MSGHDR_CONTROLLEN;
        int taken = (int) memory.bytes().getLong(at);
        // The kernel wrote how much control data there was over how much room there is.
        memory.bytes().putLong(at, controlBytes);
        return taken;
    }

    /** Where a message's sender is. */
    final int name(int message) {
        return block(message) + NAME;
    }

    /** Where a message's control data begins. */
    final int control(int message) {
        return block(message) + controlAt;
    }

    private static int header(int message) {
        return message * Abi.MMSGHDR_BYTES;
    }

    private int block(int message) {
        return capacity * Abi.MMSGHDR_BYTES + message * blockBytes;
    }
}
