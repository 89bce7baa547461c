package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.IpVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does room in front of a packet save, against joining two buffers or copying into a third?
 *
 * <p>All put the same 24 bytes in front of each packet, and get as far as what a system call would
 * be given.
 */
@Asks("What does room in front of a packet save, against joining buffers or copying?")
@State(Scope.Thread)
public class HeadroomBenchmark extends PerPacket {
    private static final int HEADER_BYTES = 24;
    private static final long FIRST_WORD = 0x4500_0000_0000_4000L;
    private static final long SECOND_WORD = 0x402f_0000_c000_0202L;
    private static final long THIRD_WORD = 0xc000_0201_0000_0800L;

    @Param({"64", "512", "1400"})
    public int bytes;

    private final ByteBuf[] payloads = new ByteBuf[PacketRounds.PACKETS];
    private PacketRounds packets;
    private int first;

    @Setup
    public void fill() {
        packets = new PacketRounds(IpVersion.IPV4, bytes);
        for (int i = 0; i < payloads.length; i++) {
            PacketBatch batch = packets.batch(i / BATCH);
            ByteBuffer packet = batch.memory().slice(batch.start(i % BATCH), bytes);
            payloads[i] = PooledByteBufAllocator.DEFAULT.directBuffer(bytes).writeBytes(packet);
        }
    }

    @TearDown
    public void releaseAll() {
        for (ByteBuf payload : payloads) {
            if (payload.refCnt() != 1) {
                throw new IllegalStateException("a buffer is held " + payload.refCnt() + " times");
            }
            payload.release();
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int headroom() {
        PacketBatch batch = packets.next();
        ByteBuffer memory = batch.memory();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            int at = batch.prepend(slot, HEADER_BYTES);
            memory.putLong(at, FIRST_WORD);
            memory.putLong(at + 8, SECOND_WORD);
            memory.putLong(at + 16, THIRD_WORD);
            sum += at + batch.lengthBytes(slot);
            batch.strip(slot, HEADER_BYTES);
        }
        return sum;
    }

    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int composite() {
        PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            ByteBuf header = header(allocator.directBuffer(HEADER_BYTES));
            CompositeByteBuf packet =
                    allocator
                            .compositeDirectBuffer(2)
                            .addComponents(true, header, payloads[i].retainedDuplicate());
            sum += packet.nioBuffers().length + packet.readableBytes();
            packet.release();
        }
        return sum;
    }

    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int copy() {
        PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            ByteBuf payload = payloads[i];
            ByteBuf packet =
                    header(allocator.directBuffer(HEADER_BYTES + bytes))
                            .writeBytes(payload, payload.readerIndex(), bytes);
            sum += packet.internalNioBuffer(0, HEADER_BYTES + bytes).remaining();
            packet.release();
        }
        return sum;
    }

    private static ByteBuf header(ByteBuf empty) {
        return empty.writeLong(FIRST_WORD).writeLong(SECOND_WORD).writeLong(THIRD_WORD);
    }

    private int nextRound() {
        first = first + BATCH & PacketRounds.PACKETS - 1;
        return first;
    }
}
