package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.GreHeader;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does it cost to check an outer header, find its tunnel and take it off?
 *
 * <p>Every variant puts the header back by moving the packet's start, for the next time.
 */
@Asks("What does it cost to check an outer header, find its tunnel and take it off?")
public class DecapsulateBenchmark extends PerPacket {
    private static final int PLAIN_GRE_BYTES = 24;

    // 1,024 steps of this go once round the 2^32 sequence numbers, so that each is ahead of the
    // one before it however often the packets come round.
    private static final int SEQUENCE_STEP = 1 << 22;

    /** Received packets of each size, of a GRE tunnel without options. */
    @State(Scope.Thread)
    public static class PlainGre {
        @Param({"64", "512", "1400"})
        public int bytes;

        PacketRounds packets;
        Map<Addresses, Integer> tunnels;

        @Setup
        public void fill() {
            packets = encapsulated(MeasuredTunnel.spec("gre"), bytes);
            tunnels = Map.of(new Addresses(MeasuredTunnel.LOCAL, MeasuredTunnel.REMOTE), 0);
        }
    }

    /** Received packets of each size, of each tunnel. */
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
        Decapsulator decapsulator;
        int overheadBytes;

        @Setup
        public void fill() {
            TunnelSpec spec = MeasuredTunnel.peer(tunnel);
            packets = encapsulated(MeasuredTunnel.spec(tunnel), bytes);
            decapsulator =
                    new Decapsulator(new TunnelTable(List.of(new TunnelEndpoint(spec, 0, 0))));
            overheadBytes = spec.overheadBytes();
        }

        @TearDown
        public void check() {
            packets.requireAllLive();
        }
    }

    /** What a tunnel is found by where a hash map is at hand. */
    record Addresses(int source, int destination) {}

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int culvert(Tunnel state) {
        PacketBatch batch = state.packets.next();
        state.decapsulator.decapsulate(batch);
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            sum += batch.prepend(slot, state.overheadBytes) + batch.tunnel(slot);
        }
        return sum;
    }

    /** GRE without options, read field after field from a slice, the tunnel in a hash map. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int fieldByField(PlainGre state) {
        PacketBatch batch = state.packets.next();
        int sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            int lengthBytes = batch.lengthBytes(slot);
            ByteBuffer packet = batch.memory().slice(batch.start(slot), lengthBytes);
            int headerBytes = (packet.get(0) & 0x0f) * 4;
            boolean isGre = packet.get(0) >>> 4 == 4 && packet.get(9) == 47;
            boolean isPlain = packet.getInt(headerBytes) == 0x0800;
            Addresses addresses = new Addresses(packet.getInt(12), packet.getInt(16));
            Integer tunnel = state.tunnels.get(addresses);
            if (!isGre
                    || !isPlain
                    || tunnel == null
                    || packet.getShort(2) != lengthBytes
                    || packet.getShort(headerBytes + 6) != lengthBytes - PLAIN_GRE_BYTES) {
                throw new IllegalStateException("a packet of the tunnel was refused");
            }
            batch.tunnel(slot, tunnel);
            sum += batch.strip(slot, PLAIN_GRE_BYTES);
            batch.prepend(slot, PLAIN_GRE_BYTES);
        }
        return sum;
    }

    /** Reads the words that must be looked at, and moves the start. */
    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public long readHeader(PlainGre state) {
        PacketBatch batch = state.packets.next();
        ByteBuffer memory = batch.memory();
        long sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            int at = batch.start(slot);
            sum += memory.getLong(at) + memory.getLong(at + 8) + memory.getLong(at + 16);
            sum += memory.getLong(batch.strip(slot, PLAIN_GRE_BYTES));
            batch.prepend(slot, PLAIN_GRE_BYTES);
        }
        return sum;
    }

    /** Reads every byte of the packet: the floor for tunnels with checksums. */
    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public long onePass(PlainGre state) {
        PacketBatch batch = state.packets.next();
        long sum = 0;
        for (int slot = 0; slot < BATCH; slot++) {
            sum += OnePass.over(batch.memory(), batch.start(slot), batch.lengthBytes(slot));
        }
        return sum;
    }

    private static PacketRounds encapsulated(TunnelSpec spec, int innerBytes) {
        PacketRounds packets = new PacketRounds(spec, innerBytes);
        Encapsulator encapsulator = MeasuredTunnel.encapsulator(spec);
        GreHeader gre = new GreHeader();
        int sequenceNumber = 0;
        for (int round = 1; round <= PacketRounds.ROUNDS; round++) {
            PacketBatch batch = packets.next();
            encapsulator.encapsulate(batch, 0);
            for (int slot = 0; slot < BATCH && spec.gre().outputSequence(); slot++) {
                gre.wrap(batch.memory(), batch.start(slot) + Ipv4Header.MIN_LENGTH);
                gre.sequenceNumber(sequenceNumber += SEQUENCE_STEP);
                if (spec.gre().outputChecksum()) {
                    gre.writeChecksum(batch.lengthBytes(slot) - Ipv4Header.MIN_LENGTH);
                }
            }
        }
        return packets;
    }
}
