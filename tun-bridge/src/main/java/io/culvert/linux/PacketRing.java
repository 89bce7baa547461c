package io.culvert.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/*
 * TPACKET_V2 (Documentation/networking/packet_mmap.rst): memory that the kernel and we have in
 * common, cut into frames of one size.
 *
 *   | tpacket2_hdr | sockaddr_ll | ... | packet, from its IP header on |   frame 0
 *   | tpacket2_hdr | sockaddr_ll | ... | packet ...                    |   frame 1, and round again
 *   0              32                  tp_net
 *
 * The kernel fills frames in order and hands each over by its status word; we hand it back the same
 * way. Acquire and release order what lies in the frame with its status. No frame crosses the end of
 * a block, which is what the kernel allocates in one piece.
 *
 * TPACKET_V3 takes less processor time still, but it hands over whole blocks, by a timer when they
 * do not fill: it was seen to add a millisecond to each packet of a quiet exchange.
 */

/**
 * A packet socket's receive ring: received packets in memory that is the kernel's as well.
 *
 * <p>One packet at a time can be looked at, the oldest. Confined to one thread; allocates nothing
 * once it is mapped.
 */
public final class PacketRing implements AutoCloseable {
    // linux/if_packet.h
    private static final int TPACKET_V2 = 1;
    private static final int TP_STATUS_KERNEL = 0;
    private static final int TP_STATUS_USER = 1;
    private static final int TP_STATUS_COPY = 2;

    // asm-generic/mman-common.h, linux/mman.h
    private static final int PROT_READ_AND_WRITE = 3;
    private static final int MAP_SHARED = 1;

    /** Whole pages on all machines: aarch64 may have pages of 64 KiB. */
    private static final int BLOCK_BYTES = 1 << 16;

    private static final VarHandle STATUS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final NativeMemory memory;
    private final ByteBuffer bytes;
    private final int frameBytes;
    private int frame;
    private int status;

    private PacketRing(NativeMemory memory, int frameBytes) {
        this.memory = memory;
        this.bytes = memory.bytes();
        this.frameBytes = frameBytes;
    }

    /**
     * Gives a packet socket a ring, before it is bound.
     *
     * @param frameBytes of each frame, a multiple of 16 up to 65,536, of which the kernel's header
     *     takes 80
     * @param ringBytes of all frames, a multiple of 65,536; the kernel's memory, from now on
     * @throws LinuxException when the kernel refuses it
     */
    public static PacketRing map(LinuxSocket socket, int frameBytes, int ringBytes) {
        int level = LinuxSocket.SOL_PACKET;
        checkHeader(socket);
        socket.option(level, LinuxSocket.PACKET_VERSION, TPACKET_V2, "PACKET_VERSION");
        NativeMemory request = NativeMemory.allocate(Abi.TPACKET_REQ_BYTES);
        int blocks = ringBytes / BLOCK_BYTES;
        request.bytes()
                .putInt(Abi.TPACKET_REQ_BLOCK_SIZE, BLOCK_BYTES)
                .putInt(Abi.TPACKET_REQ_BLOCK_NR, blocks)
                .putInt(Abi.TPACKET_REQ_FRAME_SIZE, frameBytes)
                .putInt(Abi.TPACKET_REQ_FRAME_NR, blocks * (BLOCK_BYTES / frameBytes));
        socket.option(level, LinuxSocket.PACKET_RX_RING, request, "PACKET_RX_RING");
        long address = LibC.mmap(0, ringBytes, PROT_READ_AND_WRITE, MAP_SHARED, socket.fd(), 0);
        if (address == -1) {
            throw new LinuxException("cannot map the ring of the " + socket, LibC.errno(), "");
        }
        return new PacketRing(NativeMemory.at(address, ringBytes), frameBytes);
    }

    /** What the kernel's header is long, as the kernel has it. */
    private static void checkHeader(LinuxSocket socket) {
        NativeMemory value = NativeMemory.ofInt(TPACKET_V2);
        NativeMemory valueBytes = NativeMemory.ofInt(Integer.BYTES);
        int result =
                LibC.getsockopt(
                        socket.fd(),
                        LinuxSocket.SOL_PACKET,
                        LinuxSocket.PACKET_HDRLEN,
                        value.address(),
                        valueBytes.address());
        Reference.reachabilityFence(valueBytes);
        if (result < 0 || value.bytes().getInt(0) != Abi.TPACKET2_HDR_BYTES) {
            throw new IllegalStateException(
                    "cannot use this machine's packet sockets: struct tpacket2_hdr is not laid out"
                            + " as expected");
        }
    }

    /** Whether there is a packet to look at. */
    public boolean hasPacket() {
        status = (int) STATUS.getAcquire(bytes, frame + Abi.TPACKET2_HDR_STATUS);
        return (status & TP_STATUS_USER) != 0;
    }

    /** What all frames lie in; packets are at {@link #packetAt} in it. */
    public ByteBuffer memory() {
        return bytes;
    }

    /** Index of the packet's first byte in {@link #memory}. */
    public int packetAt() {
        return frame + (bytes.getShort(frame + Abi.TPACKET2_HDR_NET) & 0xffff);
    }

    /** Bytes of the packet in the frame, from its beginning on. */
    public int framedBytes() {
        return bytes.getInt(frame + Abi.TPACKET2_HDR_SNAPLEN);
    }

    /** Bytes of the packet, which may be more than fit into the frame. */
    public int lengthBytes() {
        return bytes.getInt(frame + Abi.TPACKET2_HDR_LEN);
    }

    /** Whether the packet waits to be received by {@code recv}, whole, too. */
    public boolean isQueued() {
        return (status & TP_STATUS_COPY) != 0;
    }

    /** The interface that the packet came by. */
    public int arrivalLink() {
        return bytes.getInt(frame + Abi.TPACKET2_HDR_BYTES + Abi.SOCKADDR_LL_IFINDEX);
    }

    /** Gives the frame back to the kernel, and goes on to the next. */
    public void giveBack() {
        STATUS.setRelease(bytes, frame + Abi.TPACKET2_HDR_STATUS, TP_STATUS_KERNEL);
        int next = frame + frameBytes;
        if (next % BLOCK_BYTES + frameBytes > BLOCK_BYTES || next % BLOCK_BYTES == 0) {
            next = (next + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        }
        frame = next == bytes.capacity() ? 0 : next;
    }

    /** Unmaps it; nothing may be read from it any more. */
    @Override
    public void close() {
        LibC.munmap(memory.address(), memory.sizeBytes());
    }
}
