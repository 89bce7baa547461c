package io.culvert.trace;

import io.culvert.control.TraceHeader;
import io.culvert.control.TraceHeader.Reason;
import io.culvert.control.TunnelWords;
import io.culvert.observe.TraceOptions;
import io.culvert.observe.TraceRecord;
import io.culvert.observe.TraceTap;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab.MemorySource;
import io.culvert.pipeline.LaneTunnels;
import io.culvert.pipeline.TunnelPipeline;
import io.culvert.pipeline.TunnelPort;
import io.culvert.tunnel.TunnelEndpoint;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One tunnel with the real pipeline between channels in memory, and somebody who watches it. */
final class TracedLane implements AutoCloseable {
    private static final int OUTER_MTU = 1500;

    private final BatchPool pool = new BatchPool(8, 16, 65_535, MemorySource.WITHOUT_ADDRESS);
    private final EmbeddedChannel underlay = new EmbeddedChannel();
    private final EmbeddedChannel device = new EmbeddedChannel();
    private final TraceTap tap =
            new TraceTap(TraceOptions.DEFAULTS, 0, 1, TraceTap.allocateMemory());
    final TraceHeader header;

    /**
     * @param words a tunnel's, its name first
     */
    TracedLane(String words) {
        var spec = TunnelWords.parse(List.of(words.split(" "))).spec();
        TunnelPort port = new TunnelPort(new TunnelEndpoint(spec, 0, 0), OUTER_MTU, pool);
        LaneTunnels tunnels = new LaneTunnels();
        tunnels.tunnels(List.of(port));
        TunnelPipeline.onUnderlay(underlay.pipeline(), tunnels);
        TunnelPipeline.onDevice(device.pipeline(), port);
        port.connect(device, underlay);
        tunnels.trace().attach(tap);
        List<Reason> reasons =
                Stream.of(DropReason.values())
                        .map(reason -> new Reason(reason.label(), reason.description()))
                        .toList();
        header = new TraceHeader(List.of(spec.name()), reasons, 1, 0, System.nanoTime());
    }

    /** What the device is given for a packet from the wire. */
    List<byte[]> receive(byte[] outer) {
        underlay.writeInbound(batch(outer));
        return written(device);
    }

    /** What leaves on the wire for a packet from the device. */
    List<byte[]> send(byte[] inner) {
        device.writeInbound(batch(inner));
        List<byte[]> sent = written(underlay);
        written(device);
        return sent;
    }

    /** What was traced since the last call. */
    List<TracedPacket> traced() {
        List<TracedPacket> packets = new ArrayList<>();
        TraceRecord record = new TraceRecord();
        while (tap.peek(record)) {
            packets.add(TracedPacket.of(record, header));
            tap.advance();
        }
        return packets;
    }

    /** What was traced since the last call, as a running culvert would send it. */
    byte[] tracedRecords() {
        java.nio.ByteBuffer records = java.nio.ByteBuffer.allocate(1 << 20);
        TraceRecord record = new TraceRecord();
        while (tap.peek(record)) {
            record.copyTo(records);
            tap.advance();
        }
        return java.util.Arrays.copyOf(records.array(), records.position());
    }

    private PacketBatch batch(byte[] packet) {
        PacketBatch batch = pool.acquire();
        batch.memory().put(batch.nextPacketAt(), packet);
        batch.tunnel(batch.append(packet.length), 0);
        return batch;
    }

    private static List<byte[]> written(EmbeddedChannel channel) {
        List<byte[]> packets = new ArrayList<>();
        PacketBatch batch = channel.readOutbound();
        while (batch != null) {
            for (int slot = 0; slot < batch.size(); slot++) {
                if (batch.isLive(slot)) {
                    byte[] packet = new byte[batch.lengthBytes(slot)];
                    batch.memory().get(batch.start(slot), packet);
                    packets.add(packet);
                }
            }
            batch.release();
            batch = channel.readOutbound();
        }
        return packets;
    }

    @Override
    public void close() {
        underlay.finishAndReleaseAll();
        device.finishAndReleaseAll();
    }
}
