package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Encapsulator;
import io.culvert.wire.IpVersion;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does it cost to put the outer header in front of a packet?
 *
 * <p>Every variant takes the header off again by moving the packet's start, for the next time.
 */
@Asks("What does it cost to put the outer header in front of a packet?")
public class EncapsulateBenchmark extends PerPacket {
    private static final int PLAIN_GRE_BYTES = 24;
    private static final long IPV4_AND_GRE = 0x4500_0000_0000_4000L;

    /** The packets of each size, in no tunnel. */
    @State(Scope.Thread)
    public static class Packets {
        @Param({"64", "512", "1400"})
        public int bytes;

        PacketRounds packets;
        int identification;

        @Setup
        public void fill() {
            packets = new PacketRounds(IpVersion.IPV4, bytes);
        }
    }

    /** The packets of each size, in front of each tunnel. */
    @State(Scope.Thread)
    public static class Tunnel {
        @Param({
            "gre",
            "gre-key",
            "gre-csum",
            "gre-seq",
            "gre-key-csum-seq",
            "ipip",
            "sit",
            "gretap",
            "ip6gre"
        })
        public String tunnel;

        @Param({"64", "512", "1400"})
        public int bytes;

        PacketRounds packets;
        Encapsulator encapsulator;

        @Setup
        public void fill() {
            TunnelSpec spec = MeasuredTunnel.spec(tunnel);
            packets = new PacketRounds(spec, bytes);
            encapsulator = MeasuredTunnel.encapsulator(spec);
        }

        @TearDown
        public void check() {
            packets.requireAllLive();
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int culvert(Tunnel state) {
        PacketBatch batch = state.packets.next();
        state.encapsulator.encapsulate(batch, 0);
        int overheadBytes = state.encapsulator.overheadBytes();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            sum += batch.strip(slot, overheadBytes);
        }
        return sum;
    }

    /** GRE without options, written field after field into a slice, as one would at first. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int fieldByField(Packets state) {
        PacketBatch batch = state.packets.next();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            int innerAt = batch.start(slot);
            int at = batch.prepend(slot, PLAIN_GRE_BYTES);
            int lengthBytes = batch.lengthBytes(slot);
            ByteBuffer packet = batch.memory().slice(at, lengthBytes);
            packet.put((byte) 0x45)
                    .put(batch.memory().get(innerAt + 1))
                    .putShort((short) lengthBytes)
                    .putShort((short) ++state.identification)
                    .putShort((short) 0x4000)
                    .put(batch.memory().get(innerAt + 8))
                    .put((byte) 47)
                    .putShort((short) 0)
                    .putInt(MeasuredTunnel.LOCAL)
                    .putInt(MeasuredTunnel.REMOTE)
                    .putShort((short) 0)
                    .putShort((short) 0x0800)
                    .putShort(10, (short) TextbookChecksum.of(packet, 0, 20));
            sum += batch.strip(slot, PLAIN_GRE_BYTES);
        }
        return sum;
    }

    /** Moves the start and writes 24 bytes that are always the same. */
    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public int constantHeader(Packets state) {
        PacketBatch batch = state.packets.next();
        ByteBuffer memory = batch.memory();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            int at = batch.prepend(slot, PLAIN_GRE_BYTES);
            memory.putLong(at, IPV4_AND_GRE);
            memory.putLong(at + 8, IPV4_AND_GRE);
            memory.putLong(at + 16, IPV4_AND_GRE);
            sum += batch.strip(slot, PLAIN_GRE_BYTES);
        }
        return sum;
    }

    /** Reads every byte of the packet: the floor for tunnels with checksums. */
    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public long onePass(Packets state) {
        PacketBatch batch = state.packets.next();
        long sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            sum += OnePass.over(batch.memory(), batch.start(slot), batch.lengthBytes(slot));
        }
        return sum;
    }
}
