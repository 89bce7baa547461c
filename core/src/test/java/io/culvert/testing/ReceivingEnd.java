package io.culvert.testing;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import java.util.ArrayList;
import java.util.List;

/** The receiving half of a lane's tunnels, without channels: packets in, packets out. */
public final class ReceivingEnd {
    private final PacketBatch batch = PacketBatch.standalone(1, 65_535);
    private final Decapsulator decapsulator;

    /** Tunnels with the indices 0, 1, 2 ..., bound to no link. */
    public ReceivingEnd(TunnelSpec... specs) {
        List<TunnelEndpoint> endpoints = new ArrayList<>();
        for (TunnelSpec spec : specs) {
            endpoints.add(new TunnelEndpoint(spec, endpoints.size(), 0));
        }
        decapsulator = new Decapsulator(new TunnelTable(endpoints));
    }

    /**
     * What became of one packet.
     *
     * @param inner what goes to the device, or null
     * @param tunnel the tunnel that took it or refused it, or {@link PacketBatch#NO_TUNNEL}
     * @param reason why it was dropped, or null
     */
    public record Received(byte[] inner, int tunnel, DropReason reason) {}

    /** Decapsulates one packet. */
    public Received receive(byte[] outer) {
        batch.clear();
        SendingEnd.append(batch, outer);
        decapsulator.decapsulate(batch);
        byte[] inner = batch.isLive(0) ? SendingEnd.bytes(batch, 0) : null;
        return new Received(inner, batch.tunnel(0), batch.dropReason(0));
    }
}
