package io.culvert.pipeline;

import io.culvert.observe.TracedError;
import io.culvert.packet.BatchLedger;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.QuotedSender;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Outer to inner: takes the batches that an underlay read, decapsulates them in place and writes
 * each to the devices that it has packets for. One instance per underlay channel.
 */
public final class DecapsulationHandler extends ChannelInboundHandlerAdapter {
    private final LaneTunnels tunnels;
    private final BatchLedger ledger;
    private final QuotedSender quotedSender = new QuotedSender();

    /**
     * @param tunnels the lane's tunnels
     */
    public DecapsulationHandler(LaneTunnels tunnels) {
        this.tunnels = tunnels;
        this.ledger = tunnels::settleReceived;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof PacketBatch batch)) {
            context.fireChannelRead(message);
            return;
        }
        batch.ledger(ledger);
        if (tunnels.trace().isWatched()) {
            tunnels.trace().receive(batch);
        }
        int suspects = tunnels.hostMerges().suspects(batch.size());
        tunnels.decapsulator().decapsulateFromHost(batch, suspects);
        deliver(batch);
        batch.release();
    }

    /** A device writes only the slots of its own tunnel, so each gets the whole batch once. */
    private void deliver(PacketBatch batch) {
        long number = tunnels.nextBatchNumber();
        int delivered = PacketBatch.NO_TUNNEL;
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            int tunnel = batch.tunnel(slot);
            if (tunnel == delivered || !batch.isLive(slot)) {
                continue; // mostly a packet of the tunnel that the one before was for
            }
            delivered = tunnel;
            TunnelPort port = tunnels.port(tunnel);
            if (port.batchNumber != number) {
                port.batchNumber = number;
                port.deliver(batch.retain(), tunnels);
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof OuterError error) {
            TunnelTable table = tunnels.decapsulator().table();
            TunnelEndpoint sender = quotedSender.find(table, error.quoted());
            if (tunnels.trace().isWatched()) {
                show(error, sender);
            }
            if (sender != null) {
                tunnels.port(sender.index()).acceptError(error, System.nanoTime());
            }
        }
        super.userEventTriggered(context, event);
    }

    private void show(OuterError error, TunnelEndpoint sender) {
        TracedError traced =
                new TracedError(
                        error.isLocal(),
                        error.errno(),
                        error.type(),
                        error.code(),
                        error.infoMtu(),
                        error.offender());
        int tunnel = sender == null ? PacketBatch.NO_TUNNEL : sender.index();
        tunnels.trace().outerError(tunnel, traced, error.quoted());
    }
}
