package io.culvert.linux;

/** The pieces of memory that one {@code writev} writes as one packet. */
public final class GatherList {
    private final NativeMemory memory;
    private final int capacity;
    private int count;

    /**
     * @param capacity pieces there is room for; the kernel takes 1,024 in one call
     */
    public GatherList(int capacity) {
        this.capacity = capacity;
        this.memory = NativeMemory.allocate(capacity * Abi.IOVEC_BYTES);
    }

    /** Begins a new packet with its first piece; there must be room for one. */
    public void begin(long address, int sizeBytes) {
        count = 0;
        add(address, sizeBytes);
    }

    /**
     * Adds a piece behind the others.
     *
     * @return false when there is no room for it
     */
    public boolean add(long address, int sizeBytes) {
        if (count == capacity) {
            return false;
        }
        int iovec = count++ * Abi.IOVEC_BYTES;
        memory.bytes()
                .putLong(iovec + Abi.IOVEC_BASE, address)
                .putLong(iovec + Abi.IOVEC_LEN, sizeBytes);
        return true;
    }

    /** Pieces there are. */
    public int count() {
        return count;
    }

    /** Where the kernel finds the pieces. */
    public long address() {
        return memory.address();
    }
}
