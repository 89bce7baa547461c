package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What does it cost to read six fields of an IPv4 header and write one, by each way to memory?
 *
 * <p>The field written is the identification, which no way reads.
 */
@Asks("What does it cost to read six fields of an IPv4 header and write one?")
@State(Scope.Thread)
public class HeaderAccessBenchmark extends PerPacket {
    private static final VarHandle SHORTS = bigEndianView(short[].class);
    private static final VarHandle INTS = bigEndianView(int[].class);

    private final Ipv4Header header = new Ipv4Header();
    private PacketRounds packets;
    private ByteBuf[] buffers;
    private int identification;

    @Setup
    public void fill() {
        packets = new PacketRounds(IpVersion.IPV4, 64);
        buffers = new ByteBuf[PacketRounds.PACKETS];
        for (int i = 0; i < buffers.length; i++) {
            PacketBatch batch = packets.batch(i / BATCH);
            ByteBuffer packet = batch.memory().slice(batch.start(i % BATCH), 64);
            buffers[i] = Unpooled.wrappedBuffer(packet);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int culvertView() {
        PacketBatch batch = packets.next();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            header.wrap(batch.memory(), batch.start(slot));
            sum +=
                    header.tos()
                            + header.totalLengthBytes()
                            + header.ttl()
                            + header.protocol()
                            + header.source()
                            + header.destination();
            header.identification(identification++);
        }
        return sum;
    }

    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int byteBuffer() {
        PacketBatch batch = packets.next();
        ByteBuffer memory = batch.memory();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            int at = batch.start(slot);
            sum +=
                    (memory.get(at + 1) & 0xff)
                            + (memory.getShort(at + 2) & 0xffff)
                            + (memory.get(at + 8) & 0xff)
                            + (memory.get(at + 9) & 0xff)
                            + memory.getInt(at + 12)
                            + memory.getInt(at + 16);
            memory.putShort(at + 4, (short) identification++);
        }
        return sum;
    }

    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int varHandle() {
        PacketBatch batch = packets.next();
        ByteBuffer memory = batch.memory();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            int at = batch.start(slot);
            sum +=
                    (memory.get(at + 1) & 0xff)
                            + ((short) SHORTS.get(memory, at + 2) & 0xffff)
                            + (memory.get(at + 8) & 0xff)
                            + (memory.get(at + 9) & 0xff)
                            + (int) INTS.get(memory, at + 12)
                            + (int) INTS.get(memory, at + 16);
            SHORTS.set(memory, at + 4, (short) identification++);
        }
        return sum;
    }

    /** A buffer per packet, as programs on Netty have them. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int byteBuf() {
        int first = firstOfNextRound();
        int sum = 0;
        for (int i = first; i < first + BATCH; i++) {
            ByteBuf packet = buffers[i];
            sum +=
                    packet.getUnsignedByte(1)
                            + packet.getUnsignedShort(2)
                            + packet.getUnsignedByte(8)
                            + packet.getUnsignedByte(9)
                            + packet.getInt(12)
                            + packet.getInt(16);
            packet.setShort(4, identification++);
        }
        return sum;
    }

    /** Finds each header and reads one word of it. */
    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public int oneWord() {
        PacketBatch batch = packets.next();
        ByteBuffer memory = batch.memory();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            sum += memory.getInt(batch.start(slot));
        }
        return sum;
    }

    private int firstOfNextRound() {
        return (identification / BATCH & PacketRounds.ROUNDS - 1) * BATCH;
    }

    private static VarHandle bigEndianView(Class<?> arrayType) {
        return MethodHandles.byteBufferViewVarHandle(arrayType, ByteOrder.BIG_ENDIAN);
    }
}
