package io.culvert.pipeline;

import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.IcmpErrors;
import io.culvert.tunnel.IdentificationSequence;
import io.culvert.tunnel.InnerIcmp;
import io.culvert.tunnel.PacketOutlet;
import io.culvert.tunnel.PathMtu;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One tunnel as a handler of single {@link ByteBuf}s, for Netty programs that have packets of their
 * own: outbound, an inner packet becomes an outer one; inbound, an outer one becomes an inner one.
 *
 * <p>Both start at their IP header. What is too big comes out in fragments, or is answered: an ICMP
 * error about an outbound packet is an inbound packet. What cannot pass is counted in {@link
 * #counters} and goes no further.
 *
 * <p>Copies each packet in and out. The way without copies is {@link PacketBatch} through {@link
 * TunnelPipeline}. Not sharable.
 */
public final class TunnelCodec extends ChannelDuplexHandler {
    private static final int MAX_IPV4_HEADER_BYTES = 60;
    private static final int FRAGMENT_UNIT = 8;

    private final Counters counters = new Counters();
    private final PacketBatch batch = PacketBatch.standalone(1, PacketSlab.MAX_PACKET_BYTES);
    private final PacketBatch fragments;
    private final PacketBatch icmpErrors = PacketBatch.standalone(1, TunnelSpec.MIN_IPV6_MTU);
    private final Encapsulator encapsulator;
    private final Decapsulator decapsulator;

    /**
     * @param spec the tunnel, with a remote address
     * @param outerMtu the largest outer packet, in bytes
     */
    public TunnelCodec(TunnelSpec spec, int outerMtu) {
        fragments = roomForFragments(spec, outerMtu);
        PathMtu pathMtu = new PathMtu(outerMtu);
        PacketOutlet answers = () -> icmpErrors.isFull() ? null : icmpErrors;
        InnerIcmp innerIcmp = new InnerIcmp(answers, spec.payload());
        PacketOutlet wire = () -> fragments.isFull() ? null : fragments;
        encapsulator =
                new Encapsulator(
                        spec,
                        pathMtu,
                        new IcmpErrors(spec, pathMtu, innerIcmp),
                        innerIcmp,
                        wire,
                        IdentificationSequence.after(ThreadLocalRandom.current().nextInt(1 << 16)));
        decapsulator = new Decapsulator(new TunnelTable(List.of(new TunnelEndpoint(spec, 0, 0))));
    }

    /** For the largest packet with the longest header, which is repeated in every fragment. */
    private static PacketBatch roomForFragments(TunnelSpec spec, int outerMtu) {
        int payloadBytes = outerMtu - spec.overheadBytes() - MAX_IPV4_HEADER_BYTES & -FRAGMENT_UNIT;
        int most = PacketSlab.MAX_PACKET_BYTES / Math.max(FRAGMENT_UNIT, payloadBytes) + 1;
        return PacketBatch.standalone(
                most, Math.max(outerMtu, MAX_IPV4_HEADER_BYTES + FRAGMENT_UNIT));
    }

    /** What passed and what was dropped; any thread. */
    public Counters counters() {
        return counters;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf inner)) {
            context.write(message, promise);
            return;
        }
        fragments.clear();
        icmpErrors.clear();
        counters.add(Count.READ, 1);
        int innerBytes = inner.readableBytes();
        if (!copyIn(inner)) {
            end(DropReason.PAYLOAD_MALFORMED, promise);
            return;
        }
        encapsulator.encapsulate(batch, System.nanoTime());
        // everything is copied out first: whoever gets it may write the next packet at once
        DropReason reason = batch.dropReason(0);
        ByteBuf icmpError = icmpErrors.isEmpty() ? null : copyOut(context, icmpErrors, 0);
        if (reason != null) {
            end(reason, promise);
        } else {
            boolean isReplaced = batch.replacement(0) != null;
            ByteBuf[] outer = copyOutAll(context, isReplaced ? fragments : batch);
            countSent(innerBytes, isReplaced ? outer.length : 0);
            writeAll(context, outer, promise);
        }
        if (icmpError != null) {
            counters.add(Count.ICMP_ERRORS_WRITTEN, 1);
            context.fireChannelRead(icmpError);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf outer)) {
            context.fireChannelRead(message);
            return;
        }
        counters.add(Count.RECEIVED, 1);
        if (!copyIn(outer)) {
            counters.drop(DropReason.OUTER_MALFORMED);
            return;
        }
        decapsulator.decapsulate(batch);
        if (batch.dropReason(0) != null) {
            counters.drop(batch.dropReason(0));
            return;
        }
        counters.add(Count.DELIVERED, 1);
        counters.add(Count.DELIVERED_BYTES, batch.lengthBytes(0));
        context.fireChannelRead(copyOut(context, batch, 0));
    }

    private void countSent(int innerBytes, int fragmentsMade) {
        counters.add(Count.SENT, 1);
        counters.add(Count.SENT_BYTES, innerBytes);
        counters.add(Count.FRAGMENTS_MADE, fragmentsMade);
        counters.add(Count.FRAGMENTS_SENT, fragmentsMade);
    }

    private static void writeAll(
            ChannelHandlerContext context, ByteBuf[] packets, ChannelPromise promise) {
        int last = packets.length - 1;
        for (int i = 0; i < last; i++) {
            context.write(packets[i]);
        }
        context.write(packets[last], promise);
    }

    /** A dropped packet is not the writer's failure: it is as if the network had lost it. */
    private void end(DropReason reason, ChannelPromise promise) {
        counters.drop(reason);
        promise.trySuccess();
    }

    /**
     * Takes the buffer's packet into the batch and releases the buffer; false when it is too long.
     */
    private boolean copyIn(ByteBuf packet) {
        try {
            int lengthBytes = packet.readableBytes();
            batch.clear();
            if (lengthBytes > PacketSlab.MAX_PACKET_BYTES) {
                return false;
            }
            ByteBuffer source = packet.nioBuffer();
            batch.memory().put(batch.nextPacketAt(), source, source.position(), lengthBytes);
            batch.append(lengthBytes);
            return true;
        } finally {
            packet.release();
        }
    }

    private static ByteBuf[] copyOutAll(ChannelHandlerContext context, PacketBatch from) {
        ByteBuf[] packets = new ByteBuf[from.size()];
        for (int slot = 0; slot < packets.length; slot++) {
            packets[slot] = copyOut(context, from, slot);
        }
        return packets;
    }

    private static ByteBuf copyOut(ChannelHandlerContext context, PacketBatch from, int slot) {
        int lengthBytes = from.lengthBytes(slot);
        ByteBuf packet = context.alloc().buffer(lengthBytes);
        packet.setBytes(0, from.memory().slice(from.start(slot), lengthBytes));
        return packet.writerIndex(lengthBytes);
    }
}
