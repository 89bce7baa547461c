package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.netty.channel.ChannelFuture;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FdChannelCloseTest {
    private static final int LONG = 5_000;

    private final Books books = new Books();
    private final Fixture lane = Fixture.open();

    @AfterEach
    void close() {
        lane.close();
    }

    @Test
    void packetsThatWaitForTheWireWhenItClosesAreDroppedAsShutdown() {
        lane.forward(books);
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
        lane.forward(books);
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
        PacketBatch batch = lane.onLane(() -> Fixture.numbered(lane.tunPool, 0));
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
        lane.doOnLane(() -> batch.release());
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
        assertThat(lane.tunDevice.timesClosed).hasValue(1);
    }

    @Test
    void theEndOfTheLaneClosesItsChannels() {
        lane.forward(books);
        lane.close();
        assertThat(lane.tun.closeFuture().isDone()).isTrue();
        assertThat(lane.raw.closeFuture().isDone()).isTrue();
        assertThat(lane.tunDevice.timesClosed).hasValue(1);
        assertThat(lane.rawDevice.timesClosed).hasValue(1);
    }

    @Test
    void aBatchWrittenWithAPromiseCompletesIt() throws Exception {
        lane.register(lane.raw);
        ChannelFuture written =
                lane.onLane(() -> lane.raw.writeAndFlush(Fixture.numbered(lane.tunPool, 7)))
                        .awaitUninterruptibly();
        assertThat(written.isSuccess()).isTrue();
        assertThat(lane.rawPeer.receive(LONG)).isEqualTo(7);
        lane.raw.close().syncUninterruptibly();
        ChannelFuture late =
                lane.onLane(() -> lane.raw.writeAndFlush(Fixture.numbered(lane.tunPool, 8)))
                        .awaitUninterruptibly();
        assertThat(late.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(lane.onLane(lane.tunPool::idleCount)).isEqualTo(Fixture.BATCHES);
    }
}
