package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.LinuxException;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.OuterError;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
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
class FdChannelTest {
    private static final int LONG = 5_000;
    private static final int SHORT = 200;

    private final Books books = new Books();
    private Fixture lane = Fixture.open();

    @AfterEach
    void close() {
        lane.close();
    }

    private void forward() {
        lane.tun.pipeline().addLast(new Forwarder(lane.raw, books));
        lane.raw.pipeline().addLast(new Forwarder(lane.tun, books));
        lane.register(lane.raw, lane.tun);
    }

    // ---- both ways

    @Test
    void packetsReadFromOneDeviceAreWrittenToTheOtherInOrder() {
        forward();
        for (long number = 0; number < 1_000; number++) {
            assertThat(lane.tunPeer.send(number, LONG)).isTrue();
            assertThat(lane.rawPeer.receive(LONG)).isEqualTo(number);
        }
        lane.until(() -> books.total() == 1_000);
        assertThat(lane.onLane(books::passed)).isEqualTo(1_000);
        assertThat(lane.onLane(books::dropped)).isEmpty();
        assertThat(lane.rawPeer.receive(0)).isEqualTo(Peer.NOTHING);
        assertThat(lane.tunPeer.receive(0)).isEqualTo(Peer.NOTHING);
    }

    @Test
    void bothDirectionsAtOnceMakeProgressWhenNeitherSideReadsForAWhile() {
        forward();
        bothDirectionsAtOnce();
    }

    @Test
    void bothDirectionsOverOnePoolMakeProgressToo() {
        lane.close();
        lane = Fixture.withOnePool();
        forward();
        bothDirectionsAtOnce();
    }

    private void bothDirectionsAtOnce() {
        long outward = 0;
        long inward = 0;
        long rounds = 5;
        for (int round = 0; round < rounds; round++) {
            long moreOutward = lane.tunPeer.sendUntilStuck(outward);
            long moreInward = lane.rawPeer.sendUntilStuck(inward);
            while (moreOutward > 0 || moreInward > 0) {
                if (moreOutward > 0 && lane.rawPeer.receive(0) != Peer.NOTHING) {
                    outward++;
                    moreOutward--;
                }
                if (moreInward > 0 && lane.tunPeer.receive(0) != Peer.NOTHING) {
                    inward++;
                    moreInward--;
                }
            }
        }
        long all = outward + inward;
        assertThat(outward).isPositive();
        assertThat(inward).isPositive();
        lane.until(() -> books.total() == all);
        assertThat(lane.onLane(books::dropped)).isEmpty();
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
        assertThat(lane.onLane(lane.rawPool::idleCount)).isEqualTo(Fixture.BATCHES);
    }

    // ---- what is full, what is empty

    @Test
    void aWireThatIsFullStopsTheReadingOfTheDeviceAndLosesNothing() {
        forward();
        long sent = lane.tunPeer.sendUntilStuck(0);
        assertThat(lane.rawDevice.timesFull.get()).isPositive();
        assertThat(lane.onLane(lane.tunPool::idleCount)).isZero();
        assertThat(lane.onLane(lane.rawPool::idleCount)).isEqualTo(Fixture.BATCHES);
        int readCalls = lane.tunDevice.readCalls.get();
        int timesFull = lane.rawDevice.timesFull.get();
        assertThat(lane.tunPeer.send(sent, SHORT)).isFalse();
        assertThat(lane.tunDevice.readCalls.get())
                .as("nothing spins meanwhile")
                .isEqualTo(readCalls);
        assertThat(lane.rawDevice.timesFull.get()).isEqualTo(timesFull);

        for (long number = 0; number < sent; number++) {
            assertThat(lane.rawPeer.receive(LONG)).isEqualTo(number);
        }
        lane.until(() -> books.total() == sent);
        assertThat(lane.onLane(books::passed)).isEqualTo(sent);
        assertThat(lane.onLane(books::dropped)).isEmpty();
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
        assertThat(lane.tunPeer.send(sent, LONG)).isTrue();
        assertThat(lane.rawPeer.receive(LONG)).isEqualTo(sent);
    }

    @Test
    void aDeviceBehindAFullWireStillReceives() {
        forward();
        lane.tunPeer.sendUntilStuck(0);
        for (long number = 0; number < 100; number++) {
            assertThat(lane.rawPeer.send(number, LONG)).isTrue();
            assertThat(lane.tunPeer.receive(LONG)).isEqualTo(number);
        }
    }

    @Test
    void readingStopsWithoutABatchAndGoesOnWhenOneComesBack() {
        Deque<PacketBatch> kept = new ArrayDeque<>();
        lane.tun.pipeline().addLast(new Keeper(kept));
        lane.register(lane.tun);
        long sent = lane.tunPeer.sendUntilStuck(0);
        assertThat(lane.onLane(lane.tunPool::idleCount)).isZero();
        int readCalls = lane.tunDevice.readCalls.get();
        assertThat(lane.tunPeer.send(sent, SHORT)).isFalse();
        assertThat(lane.tunDevice.readCalls.get()).isEqualTo(readCalls);

        int[] seen = {0};
        lane.until(
                () -> {
                    for (PacketBatch batch = kept.poll(); batch != null; batch = kept.poll()) {
                        seen[0] += batch.size();
                        batch.release();
                    }
                    return seen[0] == sent;
                });
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
    }

    @Test
    void anEmptyReadGivesTheBatchBackAndFiresNothing() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        lane.raw.pipeline().addLast(new Recorder(seen));
        lane.register(lane.raw);
        breakOffTheWire();
        lane.until(() -> lane.rawDevice.readCalls.get() > 0);
        assertThat(lane.onLane(lane.rawPool::idleCount)).isEqualTo(Fixture.BATCHES);
        assertThat(seen).isEmpty();
        assertThat(lane.raw.isActive()).isTrue();
    }

    @Test
    void withoutAutoReadEachReadBringsOneBatch() {
        Deque<PacketBatch> kept = new ArrayDeque<>();
        lane.tun.pipeline().addLast(new Keeper(kept));
        lane.tun.config().setAutoRead(false);
        lane.register(lane.tun);
        for (long number = 0; number < 3; number++) {
            assertThat(lane.tunPeer.send(number, LONG)).isTrue();
        }
        assertThat(lane.rawPeer.receive(SHORT)).isEqualTo(Peer.NOTHING);
        assertThat(lane.tunDevice.readCalls.get()).isZero();
        lane.tun.read();
        lane.until(() -> kept.size() == 1);
        assertThat(lane.tunPeer.send(3, LONG)).isTrue();
        assertThat(lane.rawPeer.receive(SHORT)).isEqualTo(Peer.NOTHING);
        assertThat(lane.tunDevice.readCalls.get()).isEqualTo(1);
        lane.tun.config().setAutoRead(true);
        lane.until(() -> kept.size() == 2);
        assertThat(lane.onLane(() -> kept.peekLast().size())).isEqualTo(1);
    }

    @Test
    void autoReadThatIsClearedByAHandlerStopsTheReading() {
        lane.tun.pipeline().addLast(new Forwarder(lane.raw, books));
        lane.register(lane.tun, lane.raw);
        lane.tun.config().setAutoRead(false);
        lane.until(() -> true);
        assertThat(lane.tunPeer.send(0, LONG)).isTrue();
        assertThat(lane.rawPeer.receive(SHORT)).isEqualTo(Peer.NOTHING);
        lane.tun.config().setAutoRead(true);
        assertThat(lane.rawPeer.receive(LONG)).isZero();
    }

    // ---- closing

    @Test
    void packetsThatWaitForTheWireWhenItClosesAreDroppedAsShutdown() {
        forward();
        long sent = lane.tunPeer.sendUntilStuck(0);
        lane.raw.close().syncUninterruptibly();
        // The channel behind goes on reading, and what it reads has nowhere to go.
        lane.until(() -> books.total() == sent);
        long received = 0;
        while (lane.rawPeer.receive(0) != Peer.NOTHING) {
            received++;
        }
        assertThat(lane.onLane(books::passed)).isEqualTo(received);
        assertThat(lane.onLane(books::dropped))
                .isEqualTo(Map.of(DropReason.SHUTDOWN, sent - received));
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
        assertThat(lane.tun.isActive()).isTrue();
    }

    @Test
    void packetsThatWaitForTheDeviceWhenItClosesAreDroppedAsGone() {
        forward();
        long sent = lane.rawPeer.sendUntilStuck(0);
        lane.tun.close().syncUninterruptibly();
        lane.until(() -> books.total() == sent);
        assertThat(lane.onLane(books::dropped)).containsOnlyKeys(DropReason.DEVICE_GONE);
        assertThat(lane.onLane(lane.rawPool::idleCount)).isEqualTo(Fixture.BATCHES);
    }

    @Test
    void aClosedDeviceDropsOnlyWhatIsForItFromABatchOfSeveralDevices() {
        lane.register(lane.tun);
        lane.tun.close().syncUninterruptibly();
        PacketBatch batch = lane.onLane(() -> oneNumbered(0));
        lane.onLane(
                () -> {
                    batch.ledger(books);
                    batch.append(100);
                    batch.tunnel(0, Fixture.TUNNEL);
                    batch.tunnel(1, Fixture.TUNNEL + 1);
                    batch.retain();
                    return lane.tun.writeAndFlush(batch, lane.tun.voidPromise());
                });
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.DEVICE_GONE);
        assertThat(batch.isLive(1)).isTrue();
        assertThat(lane.onLane(books::total)).as("somebody else still owns it").isZero();
        lane.onLane(
                () -> {
                    batch.release();
                    return null;
                });
        assertThat(lane.onLane(books::total)).isEqualTo(2);
    }

    @Test
    void closingClosesTheDeviceOnceAndTellsHandlers() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        lane.tun.pipeline().addLast(new Recorder(seen));
        lane.register(lane.tun);
        assertThat(lane.tun.isActive()).isTrue();
        assertThat(lane.tun.localAddress()).isNull();
        assertThat(lane.tun.remoteAddress()).isNull();
        lane.tun.close().syncUninterruptibly();
        lane.tun.close().syncUninterruptibly();
        lane.until(() -> seen.contains("inactive"));
        assertThat(seen).containsExactly("inactive");
        assertThat(lane.tun.isOpen()).isFalse();
        assertThat(lane.tun.isActive()).isFalse();
        assertThat(lane.tunDevice.timesClosed.get()).isEqualTo(1);
    }

    @Test
    void theEndOfTheLaneClosesItsChannels() {
        forward();
        lane.close();
        assertThat(lane.tun.closeFuture().isDone()).isTrue();
        assertThat(lane.raw.closeFuture().isDone()).isTrue();
        assertThat(lane.tunDevice.timesClosed.get()).isEqualTo(1);
        assertThat(lane.rawDevice.timesClosed.get()).isEqualTo(1);
    }

    @Test
    void aBatchWrittenWithAPromiseCompletesIt() throws Exception {
        lane.register(lane.raw);
        ChannelFuture written =
                lane.onLane(() -> lane.raw.writeAndFlush(oneNumbered(7))).awaitUninterruptibly();
        assertThat(written.isSuccess()).isTrue();
        assertThat(lane.rawPeer.receive(LONG)).isEqualTo(7);
        lane.raw.close().syncUninterruptibly();
        ChannelFuture late =
                lane.onLane(() -> lane.raw.writeAndFlush(oneNumbered(8))).awaitUninterruptibly();
        assertThat(late.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
    }

    private PacketBatch oneNumbered(long number) {
        PacketBatch batch = lane.tunPool.acquire();
        batch.memory().putLong(batch.nextPacketAt(), Long.reverseBytes(number));
        batch.append(100);
        return batch;
    }

    // ---- errors

    /** Leaves the raw device with an error to be read, and no packet. */
    private void breakOffTheWire() {
        // The kernel makes an error of it when a packet is lost thereby.
        lane.onLane(() -> lane.raw.writeAndFlush(oneNumbered(0))).syncUninterruptibly();
        lane.rawPeer.breakOff();
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
        assertThat(lane.tunDevice.timesClosed.get()).isEqualTo(1);
    }

    @Test
    void aDeviceThatIsGoneIsReportedByAWriteToo() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        lane.tun.pipeline().addLast(new Recorder(seen));
        forward();
        lane.tunDevice.isGone = true;
        assertThat(lane.rawPeer.send(0, LONG)).isTrue();
        lane.tun.closeFuture().syncUninterruptibly();
        lane.until(() -> books.total() == 1);
        assertThat(lane.onLane(books::dropped)).isEqualTo(Map.of(DropReason.DEVICE_GONE, 1L));
        assertThat(seen.get(0)).isInstanceOf(LinuxException.class);
        assertThat(lane.raw.isActive()).isTrue();
    }

    @Test
    void errorsAboutSentPacketsTravelUpThePipeline() {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        lane.raw.pipeline().addLast(new Recorder(seen));
        lane.register(lane.raw);
        List<OuterError> all = new ArrayList<>();
        for (int mtu = 1_400; mtu < 1_440; mtu++) {
            all.add(new OuterError(false, 90, 3, 4, mtu, 0xc0000201, ByteBuffer.allocate(0)));
        }
        lane.errors.addAll(all);
        breakOffTheWire();
        // The fake's error is read away at the first wake-up, which takes only so many.
        lane.until(() -> seen.size() == 16);
        assertThat(seen).isEqualTo(all.subList(0, 16));
        assertThat(lane.raw.isActive()).isTrue();
    }

    @Test
    void anErrorThatNobodyTakesAwayDoesNotSpinTheLane() {
        lane.raw.config().setAutoRead(false);
        lane.register(lane.raw);
        breakOffTheWire();
        lane.until(() -> lane.errorPolls.get() > 8);
        int before = lane.errorPolls.get();
        assertThat(lane.tunPeer.receive(SHORT)).isEqualTo(Peer.NOTHING);
        assertThat(lane.errorPolls.get() - before).isLessThan(9 * SHORT / 10 * 2);
        lane.raw.config().setAutoRead(true);
        lane.until(() -> lane.rawDevice.readCalls.get() > 0);
        assertThat(lane.raw.isActive()).isTrue();
    }

    // ---- misuse

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

    /** Takes batches and keeps them. */
    private static final class Keeper extends ChannelInboundHandlerAdapter {
        private final Deque<PacketBatch> kept;

        Keeper(Deque<PacketBatch> kept) {
            this.kept = kept;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            kept.add((PacketBatch) message);
        }
    }

    /** Writes down what the channel tells beside batches, which it passes on. */
    private static final class Recorder extends ChannelInboundHandlerAdapter {
        private final List<Object> seen;

        Recorder(List<Object> seen) {
            this.seen = seen;
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            seen.add("inactive");
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            seen.add(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            seen.add(cause);
        }
    }
}
