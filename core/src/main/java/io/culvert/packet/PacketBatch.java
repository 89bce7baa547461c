package io.culvert.packet;

import java.nio.ByteBuffer;

/**
 * The message that walks the pipeline: up to 128 packets in the slots of one slab.
 *
 * <p>A packet is {@code (batch, slot)}. It stays in its slot: headers are prepended and stripped by
 * moving its start. Every packet ends in exactly one of three ways, which {@link BatchLedger}
 * counts: it is still live when the batch is released (it was sent or delivered), it was
 * {@linkplain #drop dropped} for a reason, or it was {@linkplain #replace replaced} by packets in
 * another batch, such as its fragments.
 *
 * <p>Owned by one handler at a time, which may use it until it passes it on. Confined to its lane's
 * thread. Reference counted, because one received batch may hold packets for several devices.
 */
public final class PacketBatch {
    /** {@link #tunnel} of a packet that no tunnel has taken. */
    public static final int NO_TUNNEL = -1;

    /** {@link #nextJoined} of the last packet of a chain. */
    public static final int NONE = -1;

    /** {@link #segmentBytes} of one segment that only lacks its checksum: no payload is larger. */
    public static final int ONE_SEGMENT = 0xffff;

    /**
     * {@link #segmentBytes} of a packet that may be one segment, or many of which nobody has said
     * how large they were: it is larger than its device's packets, or its checksum looks partial.
     */
    public static final int SEGMENTS_UNKNOWN = -1;

    /** What may go instead of a packet. */
    public enum Replacement {
        /** Fragments of it, outer or inner. */
        FRAGMENTS,
        /** The segments of a super-packet, or the packet itself in another batch among them. */
        SEGMENTS,
        /** The answer to a keepalive; nothing when the packet was itself the answer to ours. */
        KEEPALIVE
    }

    private final PacketSlab slab;
    private final ByteBuffer memory;
    private final BatchPool pool;
    private final int[] start;
    private final int[] lengthBytes;
    private final int[] tunnel;
    private final int[] link;
    private final Replacement[] replacement;
    private final DropReason[] dropReason;
    private final int[] segmentBytes;
    private final int[] tailStart;
    private final int[] tailBytes;
    private final int[] nextJoined;
    private final int[] joinedHeaderBytes;
    private final boolean[] live;
    private int size;
    private int references;
    private long readNanos;
    private BatchLedger ledger = BatchLedger.NONE;
    private PacketBatch tailSource;
    private boolean superPackets;
    private boolean allLive;

    PacketBatch(PacketSlab slab, BatchPool pool) {
        this.slab = slab;
        this.memory = slab.memory();
        this.pool = pool;
        this.start = new int[slab.slots()];
        this.lengthBytes = new int[slab.slots()];
        this.tunnel = new int[slab.slots()];
        this.link = new int[slab.slots()];
        this.replacement = new Replacement[slab.slots()];
        this.dropReason = new DropReason[slab.slots()];
        this.segmentBytes = new int[slab.slots()];
        this.tailStart = new int[slab.slots()];
        this.tailBytes = new int[slab.slots()];
        this.nextJoined = new int[slab.slots()];
        this.joinedHeaderBytes = new int[slab.slots()];
        this.live = new boolean[slab.slots()];
    }

    /** A batch outside any pool, for tests and programs that keep one for themselves. */
    public static PacketBatch standalone(int slots, int slotBytes) {
        PacketSlab slab =
                PacketSlab.allocate(slots, slotBytes, PacketSlab.MemorySource.WITHOUT_ADDRESS);
        PacketBatch batch = new PacketBatch(slab, null);
        batch.reset();
        return batch;
    }

    /** The memory that all slots lie in; packets are at {@link #start} in it. */
    public ByteBuffer memory() {
        return memory;
    }

    /** The slab below, for those who make system calls on its address. */
    public PacketSlab slab() {
        return slab;
    }

    /** Slots in use; slots 0 to {@code size() - 1} hold packets. */
    public int size() {
        return size;
    }

    /** Slots there are. */
    public int capacity() {
        return start.length;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public boolean isFull() {
        return size == start.length;
    }

    /** Where the next appended packet's bytes belong, as an index into {@link #memory()}. */
    public int nextPacketAt() {
        return slab.packetAt(size);
    }

    /**
     * Takes the next slot for a packet whose bytes were put at {@link #nextPacketAt()}.
     *
     * @return the packet's slot
     */
    public int append(int packetLengthBytes) {
        int slot = size++;
        start[slot] = slab.packetAt(slot);
        lengthBytes[slot] = packetLengthBytes;
        tunnel[slot] = NO_TUNNEL;
        link[slot] = 0;
        replacement[slot] = null;
        dropReason[slot] = null;
        segmentBytes[slot] = 0;
        tailBytes[slot] = 0;
        nextJoined[slot] = NONE;
        live[slot] = true;
        return slot;
    }

    /** Index of the packet's first byte in {@link #memory()}. */
    public int start(int slot) {
        return start[slot];
    }

    /** The packet's length, 0 to 65,535 and what was prepended. */
    public int lengthBytes(int slot) {
        return lengthBytes[slot];
    }

    /** Moves the packet's start left, over headroom that the caller fills with a header. */
    public int prepend(int slot, int headerBytes) {
        lengthBytes[slot] += headerBytes;
        return start[slot] -= headerBytes;
    }

    /** Moves the packet's start right, past a header that was read. */
    public int strip(int slot, int headerBytes) {
        lengthBytes[slot] -= headerBytes;
        return start[slot] += headerBytes;
    }

    /** Cuts what lies behind the packet's end, such as link-layer padding. */
    public void trim(int slot, int newLengthBytes) {
        lengthBytes[slot] = newLengthBytes;
    }

    /**
     * Ends the packet's way, and that of all {@linkplain #join joined} to it. The slot stays;
     * whoever sends or delivers passes over it.
     */
    public void drop(int slot, DropReason reason) {
        for (int s = slot; s != NONE; s = nextJoined[s]) {
            dropReason[s] = reason;
            live[s] = false;
        }
        allLive = false;
    }

    /** A packet that was dropped, and is joined to no other, is on its way again. */
    public void revive(int slot) {
        dropReason[slot] = null;
        live[slot] = true;
    }

    /** Ends the packet's way because other packets, in another batch, go instead. */
    public void replace(int slot, Replacement by) {
        replacement[slot] = by;
        live[slot] = false;
        allLive = false;
    }

    /** What goes instead of the packet, or null. */
    public Replacement replacement(int slot) {
        return replacement[slot];
    }

    /** Whether the packet is still to be sent or delivered, by itself. */
    public boolean isLive(int slot) {
        return live[slot];
    }

    /** Whether no packet was dropped, replaced or joined to another; most batches end so. */
    public boolean isAllLive() {
        return allLive;
    }

    /** Why the packet was dropped, or null. */
    public DropReason dropReason(int slot) {
        return dropReason[slot];
    }

    /** Index of the tunnel that the packet belongs to, in its lane; {@link #NO_TUNNEL} if none. */
    public int tunnel(int slot) {
        return tunnel[slot];
    }

    public void tunnel(int slot, int tunnelIndex) {
        tunnel[slot] = tunnelIndex;
    }

    /** Interface index on which the packet arrived; 0 when the reader did not record it. */
    public int link(int slot) {
        return link[slot];
    }

    public void link(int slot, int interfaceIndex) {
        link[slot] = interfaceIndex;
    }

    /**
     * Payload bytes per segment of a super-packet: one that stands for many TCP segments or UDP
     * datagrams, whose own checksum is partial (the pseudo header's sum); {@link #ONE_SEGMENT} when
     * only that is so; {@link #SEGMENTS_UNKNOWN} for a received packet that is still to be looked
     * at; 0 for an ordinary packet.
     */
    public int segmentBytes(int slot) {
        return segmentBytes[slot];
    }

    public void segmentBytes(int slot, int payloadBytesPerSegment) {
        segmentBytes[slot] = payloadBytesPerSegment;
        superPackets |= payloadBytesPerSegment != 0;
    }

    /** Whether the packet was joined from several before it was read. */
    public boolean isHostJoined(int slot) {
        return segmentBytes[slot] > 0
                && segmentBytes[slot] < ONE_SEGMENT
                && nextJoined[slot] == NONE;
    }

    /** Whether any packet of the batch is a super-packet, or may be one. */
    public boolean hasSuperPackets() {
        return superPackets;
    }

    /**
     * Makes the packet go on, behind the bytes in its own slot, with bytes of another batch. That
     * batch is the {@link #tailSource}, the same for all packets of this one.
     *
     * @param startInSource index into the source's memory
     * @param bytes 0 or more
     */
    public void tail(int slot, int startInSource, int bytes) {
        tailStart[slot] = startInSource;
        tailBytes[slot] = bytes;
    }

    /** Where the packet goes on in {@link #tailSource}'s memory; of no meaning without a tail. */
    public int tailStart(int slot) {
        return tailStart[slot];
    }

    /** Bytes of the packet that lie in {@link #tailSource}'s memory; mostly 0. */
    public int tailBytes(int slot) {
        return tailBytes[slot];
    }

    /** The packet's whole length: what is in its slot, and its tail. */
    public int totalBytes(int slot) {
        return lengthBytes[slot] + tailBytes[slot];
    }

    /**
     * The bytes of several packets in a row.
     *
     * @param from the first one's slot
     * @param to the slot behind the last one's
     */
    public long totalBytes(int from, int to) {
        long bytes = 0;
        for (int slot = from; slot < to; slot++) {
            bytes += lengthBytes[slot] + tailBytes[slot];
        }
        return bytes;
    }

    /** Cuts what lies behind the packet's end, in its tail or, without one, in its slot. */
    public void trimTotal(int slot, int newTotalBytes) {
        lengthBytes[slot] = Math.min(lengthBytes[slot], newTotalBytes);
        tailBytes[slot] = newTotalBytes - lengthBytes[slot];
    }

    /** The batch that tails lie in, or null. */
    public PacketBatch tailSource() {
        return tailSource;
    }

    /** Keeps a batch alive for the tails of this one's packets, until this one is released. */
    public void tailSource(PacketBatch source) {
        tailSource = source.retain();
    }

    /**
     * Has a packet delivered as part of another: its bytes behind its headers follow those of
     * {@code last}, in one super-packet that begins with the head of the chain. It keeps its start
     * and length, is no longer live by itself, and ends as its head ends.
     *
     * @param last the end of the chain so far, at first the head
     * @param headerBytes its IP and transport headers, which the head's stand for
     */
    public void join(int last, int slot, int headerBytes) {
        nextJoined[last] = slot;
        live[slot] = false;
        allLive = false;
        joinedHeaderBytes[slot] = headerBytes;
    }

    /** The packet whose payload follows this one's in a super-packet; {@link #NONE} at the end. */
    public int nextJoined(int slot) {
        return nextJoined[slot];
    }

    /** Bytes of a joined packet to leave out. */
    public int joinedHeaderBytes(int slot) {
        return joinedHeaderBytes[slot];
    }

    /** When the batch was read, {@link System#nanoTime()}. */
    public long readNanos() {
        return readNanos;
    }

    public void readNanos(long nanos) {
        readNanos = nanos;
    }

    /** Who counts the packets' ends when the batch is released for the last time. */
    public void ledger(BatchLedger whoCounts) {
        ledger = whoCounts;
    }

    /** Adds an owner; each must {@link #release()} once. */
    public PacketBatch retain() {
        references++;
        return this;
    }

    /** Gives up ownership. The last owner's release settles the ledger and returns the batch. */
    public void release() {
        if (references <= 0) {
            throw new IllegalStateException("the batch was released more often than retained");
        }
        if (--references == 0) {
            ledger.settle(this);
            if (tailSource != null) {
                tailSource.release();
                tailSource = null;
            }
            if (pool != null) {
                pool.giveBack(this);
            }
        }
    }

    /** Forgets all packets, uncounted; for batches outside a pool. */
    public void clear() {
        size = 0;
        allLive = true;
    }

    /** Empties the batch and gives it its first owner. */
    void reset() {
        size = 0;
        superPackets = false;
        allLive = true;
        references = 1;
        ledger = BatchLedger.NONE;
        readNanos = 0;
    }
}
