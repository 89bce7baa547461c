package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.PacketBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FdChannelFlowTest {
    private static final int LONG = 5_000;
    private static final int SHORT = 200;

    private final Books books = new Books();
    private Fixture lane = Fixture.open();

    @AfterEach
    void close() {
        lane.close();
    }

    @Test
    void packetsReadFromOneDeviceAreWrittenToTheOtherInOrder() {
        lane.forward(books);
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
        lane.forward(books);
        bothDirectionsAtOnce();
    }

    @Test
    void bothDirectionsOverOnePoolMakeProgressToo() {
        lane.close();
        lane = Fixture.withOnePool();
        lane.forward(books);
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

    @Test
    void aWireThatIsFullStopsTheReadingOfTheDeviceAndLosesNothing() {
        lane.forward(books);
        long sent = lane.tunPeer.sendUntilStuck(0);
        assertThat(lane.rawDevice.timesFull).hasPositiveValue();
        assertThat(lane.onLane(lane.tunPool::idleCount)).isZero();
        assertThat(lane.onLane(lane.rawPool::idleCount)).isEqualTo(Fixture.BATCHES);
        int readCalls = lane.tunDevice.readCalls.get();
        int timesFull = lane.rawDevice.timesFull.get();
        assertThat(lane.tunPeer.send(sent, SHORT)).isFalse();
        assertThat(lane.tunDevice.readCalls.get())
                .as("nothing spins meanwhile")
                .isEqualTo(readCalls);
        assertThat(lane.rawDevice.timesFull).hasValue(timesFull);

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
        lane.forward(books);
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
        assertThat(lane.tunDevice.readCalls).hasValue(readCalls);

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
        lane.breakOffRaw();
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
        assertThat(lane.tunDevice.readCalls).hasValue(1);
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
}
