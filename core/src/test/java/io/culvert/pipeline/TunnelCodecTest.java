package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.Reassembly;
import io.culvert.testing.Specs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelCodecTest {
    private static final TunnelSpec GRE = Specs.of(TunnelMode.GRE).build();
    private static final byte[] INNER = Ipv4Packet.ofBytes(60).bytes();
    private static final byte[] BIG_DF = Ipv4Packet.ofBytes(1500).dontFragment().bytes();

    private static Map<String, Long> counts(TunnelCodec codec) {
        return EmbeddedLane.nonZero(codec.counters());
    }

    private static List<byte[]> outbound(EmbeddedChannel channel) {
        List<byte[]> packets = new ArrayList<>();
        for (ByteBuf packet = channel.readOutbound();
                packet != null;
                packet = channel.readOutbound()) {
            packets.add(taken(packet));
        }
        return packets;
    }

    private static byte[] taken(ByteBuf packet) {
        byte[] bytes = new byte[packet.readableBytes()];
        packet.readBytes(bytes);
        assertThat(packet.release()).isTrue();
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void whatGoesInAtOneEndComesOutAtTheOther(TunnelMode mode) {
        byte[] inner = mode == TunnelMode.SIT ? Ipv6Packet.ofBytes(99).bytes() : INNER;
        TunnelSpec spec = Specs.of(mode).build();
        TunnelCodec sending = new TunnelCodec(spec, 1500);
        TunnelCodec receiving = new TunnelCodec(Specs.peer(spec), 1500);
        EmbeddedChannel sender = new EmbeddedChannel(sending);
        EmbeddedChannel receiver = new EmbeddedChannel(receiving);
        ByteBuf given = Unpooled.wrappedBuffer(inner);

        assertThat(sender.writeOutbound(given)).isTrue();
        ByteBuf outer = sender.readOutbound();
        assertThat(receiver.writeInbound(outer)).isTrue();

        assertThat(taken(receiver.readInbound())).isEqualTo(inner);
        assertThat(given.refCnt()).isZero();
        assertThat(outer.refCnt()).isZero();
        long bytes = inner.length;
        assertThat(counts(sending)).isEqualTo(Map.of("READ", 1L, "SENT", 1L, "SENT_BYTES", bytes));
        assertThat(counts(receiving))
                .isEqualTo(Map.of("RECEIVED", 1L, "DELIVERED", 1L, "DELIVERED_BYTES", bytes));
    }

    @Test
    void aBufferOfSeveralPiecesIsOnePacket() {
        CompositeByteBuf pieces = Unpooled.compositeBuffer();
        pieces.addComponent(true, Unpooled.copiedBuffer(INNER, 0, 13));
        pieces.addComponent(true, Unpooled.directBuffer().writeBytes(INNER, 13, 47));
        EmbeddedChannel channel = new EmbeddedChannel(new TunnelCodec(GRE, 1500));
        channel.writeOutbound(pieces);
        assertThat(outbound(channel).get(0)).endsWith(INNER).hasSize(84);
        assertThat(pieces.refCnt()).isZero();
    }

    @Test
    void aBigPacketGoesInFragments() {
        TunnelCodec codec = new TunnelCodec(GRE, 1500);
        EmbeddedChannel channel = new EmbeddedChannel(codec);
        ChannelFuture written =
                channel.writeAndFlush(Unpooled.wrappedBuffer(Ipv4Packet.ofBytes(1500).bytes()));
        assertThat(written.isSuccess()).isTrue();
        assertThat(outbound(channel)).hasSize(2);
        assertThat(counts(codec))
                .isEqualTo(
                        Map.of(
                                "READ", 1L,
                                "SENT", 1L,
                                "SENT_BYTES", 1500L,
                                "FRAGMENTS_MADE", 2L,
                                "FRAGMENTS_SENT", 2L));
    }

    @ParameterizedTest
    @ValueSource(ints = {68, 100, 552, 1500, 9000, 65_535})
    void thereIsRoomForAllFragmentsOfTheLargestPacket(int outerMtu) {
        byte[] options = new byte[40];
        byte[] largest = new Ipv4Packet().options(options).payload(new byte[65_535 - 60]).bytes();
        for (boolean pmtudisc : new boolean[] {true, false}) {
            TunnelSpec spec = Specs.of(TunnelMode.GRE).key(1).pmtudisc(pmtudisc).build();
            EmbeddedChannel channel = new EmbeddedChannel(new TunnelCodec(spec, outerMtu));
            byte[] inner = pmtudisc ? largest : Ipv4Packet.ofBytes(65_507).bytes();
            channel.writeOutbound(Unpooled.wrappedBuffer(inner));
            List<byte[]> outer = outbound(channel);
            if (!pmtudisc) {
                outer = Reassembly.of(outer);
            }
            EmbeddedChannel peer = new EmbeddedChannel(new TunnelCodec(Specs.peer(spec), outerMtu));
            List<byte[]> received = new ArrayList<>();
            for (byte[] packet : outer) {
                peer.writeInbound(Unpooled.wrappedBuffer(packet));
                received.add(taken(peer.readInbound()));
            }
            assertThat(Reassembly.of(received)).containsExactly(inner);
        }
    }

    @Test
    void aPacketThatIsTooBigIsAnsweredAndItsWriterIsNotToBlame() {
        TunnelCodec codec = new TunnelCodec(GRE, 1500);
        EmbeddedChannel channel = new EmbeddedChannel(codec);
        ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(BIG_DF));
        assertThat(written.isSuccess()).isTrue();
        assertThat(outbound(channel)).isEmpty();
        assertThat(taken(channel.readInbound())).hasSize(576).startsWith(0x45, 0xc0);
        assertThat(counts(codec))
                .isEqualTo(Map.of("READ", 1L, "TOO_BIG", 1L, "ICMP_ERRORS_WRITTEN", 1L));
    }

    @Test
    void whoHearsThatAPacketWasTooBigMayWriteASmallerOneAtOnce() {
        TunnelCodec codec = new TunnelCodec(GRE, 1500);
        ChannelInboundHandlerAdapter retries =
                new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object error) {
                        taken((ByteBuf) error);
                        context.writeAndFlush(Unpooled.wrappedBuffer(INNER));
                    }
                };
        EmbeddedChannel channel = new EmbeddedChannel(codec, retries);
        channel.writeOutbound(Unpooled.wrappedBuffer(BIG_DF));
        List<byte[]> sent = outbound(channel);
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0)).endsWith(INNER);
        assertThat(counts(codec))
                .isEqualTo(
                        Map.of(
                                "READ", 2L,
                                "SENT", 1L,
                                "SENT_BYTES", 60L,
                                "TOO_BIG", 1L,
                                "ICMP_ERRORS_WRITTEN", 1L));
    }

    @Test
    void whatCannotPassIsCountedAndReleased() {
        TunnelCodec codec = new TunnelCodec(GRE, 1500);
        EmbeddedChannel channel = new EmbeddedChannel(codec);
        ByteBuf tooLong = Unpooled.buffer(70_000).writerIndex(65_536);
        ByteBuf empty = Unpooled.buffer(0);
        ByteBuf stranger =
                Unpooled.wrappedBuffer(
                        OuterPacket.gre("0000 0800", INNER).source(0xc000_02ff).bytes());
        ByteBuf tooLongOuter = tooLong.copy();

        assertThat(channel.writeOutbound(tooLong, empty)).isFalse();
        assertThat(channel.writeInbound(stranger, tooLongOuter)).isFalse();

        assertThat(List.of(tooLong, stranger, tooLongOuter))
                .allMatch(packet -> packet.refCnt() == 0);
        assertThat(counts(codec))
                .isEqualTo(
                        Map.of(
                                "READ", 2L,
                                "PAYLOAD_MALFORMED", 2L,
                                "RECEIVED", 2L,
                                "NO_TUNNEL", 1L,
                                "OUTER_MALFORMED", 1L));
    }

    @Test
    void whatIsNoPacketPassesUntouched() {
        TunnelCodec codec = new TunnelCodec(GRE, 1500);
        EmbeddedChannel channel = new EmbeddedChannel(codec);
        channel.writeOutbound("out");
        channel.writeInbound("in");
        assertThat((String) channel.readOutbound()).isEqualTo("out");
        assertThat((String) channel.readInbound()).isEqualTo("in");
        assertThat(counts(codec)).isEmpty();
    }
}
