package io.culvert.loop;

import io.culvert.observe.Counters.Count;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab.MemorySource;
import io.culvert.pipeline.LaneTunnels;
import io.culvert.pipeline.TunnelPipeline;
import io.culvert.pipeline.TunnelPort;
import io.culvert.tunnel.TunnelEndpoint;
import java.util.List;

/**
 * Both ends of a tunnel in one thread, with the handlers of {@link TunnelPipeline} and channels in
 * memory instead of a TUN device and a raw socket.
 *
 * <pre>
 *  device --read--> EncapsulationHandler --write--> wire          wire --read--> DecapsulationHandler --write--> device
 * </pre>
 *
 * <p>The wire does what a raw socket does but for the system call: it releases the batch that was
 * sent, so that it is counted, and takes one from the pool to receive into. That is the same one,
 * with the outer packets still in its memory, so nothing is copied.
 */
final class LoopLane {
    /** Packets in a batch, as in a lane. */
    static final int BATCH = 64;

    private static final int SLOT_BYTES = 2_048;
    private static final int UNDERLAY_MTU = 1_500;

    private final int innerBytes;
    private final int overheadBytes;
    private final BatchPool pool;
    private final LoopChannel leftDevice;
    private final LoopChannel rightUnderlay;
    private final TunnelPort left;
    private final TunnelPort right;

    LoopLane(LoopCase loopCase) {
        innerBytes = loopCase.innerBytes();
        pool = new BatchPool(1, BATCH, SLOT_BYTES, MemorySource.WITHOUT_ADDRESS);
        BatchPool aside = new BatchPool(1, BATCH, SLOT_BYTES, MemorySource.WITHOUT_ADDRESS);
        PacketBatch packets = pool.acquire();
        LoopPackets.writeAll(packets, loopCase);
        packets.release();

        left = new TunnelPort(new TunnelEndpoint(loopCase.left(), 0, 0), UNDERLAY_MTU, aside);
        right = new TunnelPort(new TunnelEndpoint(loopCase.right(), 0, 0), UNDERLAY_MTU, aside);
        overheadBytes = left.spec().overheadBytes();

        leftDevice = new LoopChannel(PacketBatch::release);
        TunnelPipeline.onDevice(leftDevice.pipeline(), left);
        left.connect(leftDevice, new LoopChannel(PacketBatch::release));

        LaneTunnels tunnels = new LaneTunnels();
        tunnels.tunnels(List.of(right));
        rightUnderlay = new LoopChannel(PacketBatch::release);
        TunnelPipeline.onUnderlay(rightUnderlay.pipeline(), tunnels);
        right.connect(new LoopChannel(PacketBatch::release), rightUnderlay);
    }

    /** Carries a batch of inner packets from the device to the wire. */
    void encapsulate() {
        PacketBatch batch = pool.acquire();
        for (int slot = 0; slot < BATCH; slot++) {
            batch.append(innerBytes);
            batch.tunnel(slot, 0);
        }
        leftDevice.read(batch);
    }

    /** Carries what {@link #encapsulate} left on the wire to the other device. */
    void decapsulate() {
        PacketBatch batch = pool.acquire();
        for (int slot = 0; slot < BATCH; slot++) {
            batch.append(innerBytes);
            batch.prepend(slot, overheadBytes);
        }
        rightUnderlay.read(batch);
    }

    /** Packets that reached the other device so far. */
    long deliveredPackets() {
        return right.counters().get(Count.DELIVERED);
    }
}
