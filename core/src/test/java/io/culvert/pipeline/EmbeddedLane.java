package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab.MemorySource;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.LaneShare;
import io.culvert.tunnel.TunnelEndpoint;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A lane whose underlay and devices are embedded channels, with real handlers in them. */
final class EmbeddedLane implements AutoCloseable {
    static final int BATCHES = 8;

    final BatchPool pool = new BatchPool(BATCHES, 16, 65_535, MemorySource.WITHOUT_ADDRESS);
    final LaneTunnels tunnels = new LaneTunnels();
    final EmbeddedChannel underlay = new EmbeddedChannel();
    final List<EmbeddedChannel> devices = new ArrayList<>();
    final List<TunnelPort> ports = new ArrayList<>();

    EmbeddedLane(int underlayMtu, TunnelSpec... specs) {
        this(LaneShare.whole(), underlayMtu, specs);
    }

    EmbeddedLane(LaneShare share, int underlayMtu, TunnelSpec... specs) {
        TunnelPipeline.onUnderlay(underlay.pipeline(), tunnels);
        for (TunnelSpec spec : specs) {
            TunnelEndpoint endpoint = new TunnelEndpoint(spec, ports.size(), 0);
            TunnelPort port = new TunnelPort(endpoint, underlayMtu, pool, share);
            EmbeddedChannel device = new EmbeddedChannel();
            TunnelPipeline.onDevice(device.pipeline(), port);
            port.connect(device, underlay);
            devices.add(device);
            ports.add(port);
        }
        tunnels.tunnels(ports);
    }

    /** A batch as the device of a tunnel would read it. */
    PacketBatch batch(byte[]... packets) {
        PacketBatch batch = pool.acquire();
        for (byte[] packet : packets) {
            batch.memory().put(batch.nextPacketAt(), packet);
            batch.append(packet.length);
        }
        return batch;
    }

    void readFromWire(byte[]... packets) {
        underlay.writeInbound(batch(packets));
    }

    void readFromDevice(int tunnel, byte[]... packets) {
        PacketBatch batch = batch(packets);
        for (int slot = 0; slot < batch.size(); slot++) {
            batch.tunnel(slot, tunnel);
        }
        devices.get(tunnel).writeInbound(batch);
    }

    /** What the underlay sends. */
    List<byte[]> sentToWire() {
        return sentToWire((batch, slot) -> {});
    }

    /** What the underlay sends, where {@code underlayDrops} may drop live packets. */
    List<byte[]> sentToWire(BiConsumer<PacketBatch, Integer> underlayDrops) {
        List<byte[]> packets = new ArrayList<>();
        for (PacketBatch batch = underlay.readOutbound();
                batch != null;
                batch = underlay.readOutbound()) {
            for (int slot = 0; slot < batch.size(); slot++) {
                if (batch.isLive(slot)) {
                    underlayDrops.accept(batch, slot);
                }
                if (batch.isLive(slot)) {
                    packets.add(bytes(batch, slot));
                }
            }
            batch.release();
        }
        return packets;
    }

    /** What a tunnel's device delivers: as a TUN device, only what belongs to its tunnel. */
    List<byte[]> deliveredTo(int tunnel) {
        List<byte[]> packets = new ArrayList<>();
        EmbeddedChannel device = devices.get(tunnel);
        for (PacketBatch batch = device.readOutbound();
                batch != null;
                batch = device.readOutbound()) {
            for (int slot = 0; slot < batch.size(); slot++) {
                if (batch.isLive(slot) && batch.tunnel(slot) == tunnel) {
                    packets.add(bytes(batch, slot));
                }
            }
            batch.release();
        }
        return packets;
    }

    /** Every count of a tunnel that is not 0. */
    Map<String, Long> counts(int tunnel) {
        return nonZero(ports.get(tunnel).counters());
    }

    /** Every count of the packets without a tunnel that is not 0. */
    Map<String, Long> strayCounts() {
        return nonZero(tunnels.strayCounters());
    }

    void assertThatNothingElseHappened(int tunnel) {
        for (int other = 0; other < ports.size(); other++) {
            assertThat(deliveredTo(other)).as("device of tunnel %d", other).isEmpty();
            if (other != tunnel) {
                assertThat(counts(other)).as("counters of tunnel %d", other).isEmpty();
            }
        }
        if (tunnel != PacketBatch.NO_TUNNEL) {
            assertThat(strayCounts()).as("counters of no tunnel").isEmpty();
        }
        assertThat(sentToWire()).as("the wire").isEmpty();
        assertThat(pool.idleCount()).as("batches that came back").isEqualTo(BATCHES);
    }

    static Map<String, Long> nonZero(Counters counters) {
        Map<String, Long> counts = new TreeMap<>();
        for (Count count : Count.values()) {
            counts.put(count.name(), counters.get(count));
        }
        for (DropReason reason : DropReason.values()) {
            counts.put(reason.name(), counters.get(reason));
        }
        counts.values().removeIf(value -> value == 0);
        return counts;
    }

    /** A packet and its tail. */
    static byte[] bytes(PacketBatch batch, int slot) {
        byte[] packet = new byte[batch.totalBytes(slot)];
        int own = batch.lengthBytes(slot);
        batch.memory().get(batch.start(slot), packet, 0, own);
        if (batch.tailBytes(slot) > 0) {
            PacketBatch source = batch.tailSource();
            source.memory().get(batch.tailStart(slot), packet, own, batch.tailBytes(slot));
        }
        return packet;
    }

    @Override
    public void close() {
        underlay.finishAndReleaseAll();
        devices.forEach(EmbeddedChannel::finishAndReleaseAll);
    }
}
