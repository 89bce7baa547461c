package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.pipeline.TunnelCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * Both ends of a tunnel as codecs of single {@link ByteBuf}s: what the one writes the other reads.
 */
final class CodecLoop {
    private final EmbeddedChannel receiver;
    private final EmbeddedChannel sender;
    private final ByteBuf[] packets = new ByteBuf[PacketRounds.PACKETS];
    private int turn;
    private long sent;
    private long delivered;

    CodecLoop(String tunnel, int bytes) {
        TunnelCodec peer = new TunnelCodec(MeasuredTunnel.peer(tunnel), MeasuredTunnel.OUTER_MTU);
        receiver = new EmbeddedChannel(peer, new Sink());
        TunnelCodec codec = new TunnelCodec(MeasuredTunnel.spec(tunnel), MeasuredTunnel.OUTER_MTU);
        sender = new EmbeddedChannel(new HandOver(), codec);
        PacketRounds rounds = new PacketRounds(MeasuredTunnel.spec(tunnel), bytes);
        for (int i = 0; i < packets.length; i++) {
            PacketBatch batch = rounds.batch(i / PacketRounds.BATCH);
            int slot = i % PacketRounds.BATCH;
            int lengthBytes = batch.lengthBytes(slot);
            packets[i] = sender.alloc().directBuffer(lengthBytes);
            packets[i].writeBytes(batch.memory().slice(batch.start(slot), lengthBytes));
        }
    }

    /** Sends the next packet; returns how many came out at the other end since the start. */
    long send() {
        turn = turn + 1 & packets.length - 1;
        sent++;
        sender.write(packets[turn].retainedDuplicate(), sender.voidPromise());
        return delivered;
    }

    /** Fails unless every packet came out at the other end. */
    void close() {
        if (delivered != sent) {
            throw new IllegalStateException(delivered + " of " + sent + " packets came through");
        }
        sender.finishAndReleaseAll();
        receiver.finishAndReleaseAll();
        for (ByteBuf packet : packets) {
            packet.release();
        }
    }

    private final class HandOver extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            receiver.pipeline().fireChannelRead(message);
        }
    }

    private final class Sink extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ((ByteBuf) message).release();
            delivered++;
        }
    }
}
