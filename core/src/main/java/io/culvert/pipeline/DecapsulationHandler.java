package io.culvert.pipeline;

import io.culvert.packet.BatchLedger;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.GreHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;

/**
 * Outer to inner: takes the batches that an underlay read, decapsulates them in place and writes
 * each to the devices that it has packets for. One instance per underlay channel.
 */
public final class DecapsulationHandler extends ChannelInboundHandlerAdapter {
    private final LaneTunnels tunnels;
    private final BatchLedger ledger;
    private final Ipv4Header quotedOuter = new Ipv4Header();
    private final GreHeader quotedGre = new GreHeader();

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
        tunnels.decapsulator().decapsulate(batch);
        deliver(batch);
        batch.release();
    }

    /** A device writes only the slots of its own tunnel, so each gets the whole batch once. */
    private void deliver(PacketBatch batch) {
        long number = tunnels.nextBatchNumber();
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (!batch.isLive(slot)) {
                continue;
            }
            TunnelPort port = tunnels.port(batch.tunnel(slot));
            if (port.batchNumber != number) {
                port.batchNumber = number;
                BatchWriter.toDevice(port, batch.retain());
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof OuterError error) {
            TunnelPort port = senderOf(error.quoted());
            if (port != null) {
                port.acceptError(error, System.nanoTime());
            }
        }
        super.userEventTriggered(context, event);
    }

    /** The tunnel whose packet is quoted, or null: anyone can send us an error. */
    private TunnelPort senderOf(ByteBuffer quoted) {
        // the quote may end early, so isValid's total length check does not apply
        if (quoted.limit() < Ipv4Header.MIN_LENGTH) {
            return null;
        }
        quotedOuter.wrap(quoted, 0);
        TunnelTable table = tunnels.decapsulator().table();
        TunnelEndpoint endpoint =
                switch (quotedOuter.protocol()) {
                    case IpProtocol.GRE -> greSender(table, quoted);
                    case IpProtocol.IPIP -> {
                        TunnelEndpoint ipip = ipSender(table, TunnelMode.IPIP);
                        yield ipip != null ? ipip : ipSender(table, TunnelMode.SIT);
                    }
                    case IpProtocol.IPV6 -> ipSender(table, TunnelMode.SIT);
                    default -> null;
                };
        return endpoint == null ? null : tunnels.port(endpoint.index());
    }

    private TunnelEndpoint greSender(TunnelTable table, ByteBuffer quoted) {
        int greAt = quotedOuter.payloadAt();
        if (!quotedGre.wrap(quoted, greAt).isValid(quoted.limit() - greAt)) {
            return null;
        }
        return table.sender(
                TunnelMode.GRE,
                quotedOuter.source(),
                quotedOuter.destination(),
                quotedGre.hasKey(),
                quotedGre.hasKey() ? quotedGre.key() : 0);
    }

    private TunnelEndpoint ipSender(TunnelTable table, TunnelMode mode) {
        return table.sender(mode, quotedOuter.source(), quotedOuter.destination(), false, 0);
    }
}
