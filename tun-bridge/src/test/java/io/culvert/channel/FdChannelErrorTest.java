package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.LinuxException;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.OuterError;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FdChannelErrorTest {
    private static final int LONG = 5_000;
    private static final int SHORT = 200;

    private final Books books = new Books();
    private final Fixture lane = Fixture.open();

    @AfterEach
    void close() {
        lane.close();
    }

    @Test
    void aDeviceThatIsGoneIsReportedOnceAndClosesItsChannel() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        lane.tun.pipeline().addLast(new Recorder(seen));
        lane.register(lane.tun);
        lane.tunDevice.isGone = true;
        assertThat(lane.tunPeer.send(0, LONG)).isTrue();
        lane.tun.closeFuture().syncUninterruptibly();
        lane.until(() -> seen.contains("inactive"));
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0)).isInstanceOf(LinuxException.class);
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
        assertThat(lane.tunDevice.timesClosed).hasValue(1);
    }

    @Test
    void aDeviceThatIsGoneIsReportedByAWriteToo() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        lane.tun.pipeline().addLast(new Recorder(seen));
        lane.forward(books);
        lane.tunDevice.isGone = true;
        assertThat(lane.rawPeer.send(0, LONG)).isTrue();
        lane.tun.closeFuture().syncUninterruptibly();
        lane.until(() -> books.total() == 1);
        assertThat(lane.onLane(books::dropped)).isEqualTo(Map.of(DropReason.DEVICE_GONE, 1L));
        assertThat(seen.get(0)).isInstanceOf(LinuxException.class);
        assertThat(lane.raw.isActive()).isTrue();
    }

    @Test
    void aDeviceThatGoesWhileNoBatchIsIdleIsReportedWhenOneComesBack() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        Deque<PacketBatch> kept = new ArrayDeque<>();
        lane.tun.pipeline().addLast(new Keeper(kept), new Recorder(seen));
        lane.register(lane.tun, lane.raw);
        lane.tunPeer.sendUntilStuck(0);
        lane.breakOffTun();
        lane.tunDevice.isGone = true;
        int readCalls = lane.tunDevice.readCalls.get();
        assertThat(lane.rawPeer.receive(SHORT)).isEqualTo(Peer.NOTHING);
        assertThat(lane.tunDevice.readCalls).hasValue(readCalls);
        assertThat(seen).isEmpty();
        lane.doOnLane(() -> kept.poll().release());
        lane.tun.closeFuture().syncUninterruptibly();
        lane.until(() -> seen.contains("inactive"));
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0)).isInstanceOf(LinuxException.class);
    }

    @Test
    void errorsAboutSentPacketsTravelUpThePipeline() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        lane.raw.pipeline().addLast(new Recorder(seen));
        lane.register(lane.raw);
        List<OuterError> all = new ArrayList<>();
        for (int mtu = 1_400; mtu < 1_440; mtu++) {
            all.add(OuterError.icmpv4(90, 3, 4, mtu, null, ByteBuffer.allocate(0)));
        }
        lane.errors.addAll(all);
        lane.breakOffRaw();
        // The fake's error is read away at the first wake-up, which takes only so many.
        lane.until(() -> seen.size() == 16);
        assertThat(seen).isEqualTo(all.subList(0, 16));
        assertThat(lane.raw.isActive()).isTrue();
    }

    @Test
    void anErrorThatNobodyTakesAwayDoesNotSpinTheLane() {
        lane.raw.config().setAutoRead(false);
        lane.register(lane.raw);
        lane.breakOffRaw();
        lane.until(() -> lane.errorPolls.get() > 8);
        int before = lane.errorPolls.get();
        assertThat(lane.tunPeer.receive(SHORT)).isEqualTo(Peer.NOTHING);
        assertThat(lane.errorPolls.get() - before).isLessThan(9 * SHORT / 10 * 2);
        lane.raw.config().setAutoRead(true);
        lane.until(() -> lane.rawDevice.readCalls.get() > 0);
        assertThat(lane.raw.isActive()).isTrue();
    }

    @Test
    void anEventLoopWithoutEpollIsRefusedWithASentence() {
        EventLoop other = new DefaultEventLoop();
        assertThatThrownBy(() -> lane.tun.registerWith(other))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot register TunChannel with")
                .hasMessageContaining("LaneGroup");
        assertThat(lane.tun.isRegistered()).isFalse();
        assertThat(lane.tun.isOpen()).isTrue();
        other.shutdownGracefully();
        lane.register(lane.tun);
    }

    @Test
    void aDescriptorThatEpollRefusesFailsTheRegistrationAndIsClosed() {
        FakeDevice directory = FakeDevice.thatCannotBeWaitedFor();
        TunChannel channel = new TunChannel(directory, Fixture.TUNNEL, lane.rawPool);
        ChannelFuture refused = channel.registerWith(lane.loop).awaitUninterruptibly();
        assertThat(refused.cause()).isInstanceOf(UncheckedIOException.class);
        assertThat(channel.closeFuture().awaitUninterruptibly().isSuccess()).isTrue();
        assertThat(directory.timesClosed).hasValue(1);
        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void messagesThatAreNoBatchesAreRefused() {
        lane.register(lane.raw);
        ChannelFuture refused = lane.raw.writeAndFlush("packet").awaitUninterruptibly();
        assertThat(refused.cause())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("only a PacketBatch");
        assertThat(lane.raw.isActive()).isTrue();
    }

    @Test
    void aBatchThatNoHandlerTakesGoesBackToItsPool() {
        lane.register(lane.tun);
        assertThat(lane.tunPeer.send(0, LONG)).isTrue();
        lane.until(() -> lane.tunDevice.readCalls.get() > 0);
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
    }
}
