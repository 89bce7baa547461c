package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A batch costs the lane no garbage on its way through two channels and their pipelines. */
@Timeout(60)
class ChannelAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int LONG = 5_000;
    private static final int PACKETS = 16;
    private static final int WARM_UP_ROUNDS = 5_000;
    private static final int ROUNDS = 1_000;
    // Netty's pool of outbound entries keeps one in eight of those it makes: the last ones may be
    // made long after everything else is warm.
    private static final int ATTEMPTS = 10;

    private final Books books = new Books();
    private final Fixture lane = Fixture.open();
    private long threadId;

    @BeforeEach
    void open() {
        lane.forward(books);
        threadId = lane.onLane(() -> Thread.currentThread().getId());
    }

    @AfterEach
    void close() {
        lane.close();
    }

    @Test
    void batchesPassBothWaysWithoutGarbage() {
        exchange(WARM_UP_ROUNDS);
        long leastBytes = Long.MAX_VALUE;
        int attempts = 0;
        while (leastBytes > 0 && attempts < ATTEMPTS) {
            long before = THREADS.getThreadAllocatedBytes(threadId);
            exchange(ROUNDS);
            leastBytes = Math.min(leastBytes, THREADS.getThreadAllocatedBytes(threadId) - before);
            attempts++;
        }
        assertThat(leastBytes).as("bytes for %d packets", 2 * PACKETS * ROUNDS).isZero();
        assertThat(lane.onLane(books::total))
                .isEqualTo(2L * PACKETS * (WARM_UP_ROUNDS + (long) attempts * ROUNDS));
        assertThat(lane.onLane(books::dropped)).isEmpty();
    }

    private void exchange(int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < PACKETS; i++) {
                lane.tunPeer.send(i, LONG);
                lane.rawPeer.send(i, LONG);
            }
            for (int i = 0; i < PACKETS; i++) {
                assertThat(lane.rawPeer.receive(LONG)).isEqualTo(i);
                assertThat(lane.tunPeer.receive(LONG)).isEqualTo(i);
            }
        }
    }

    /** Netty makes two small objects of each report that a descriptor is ready for both. */
    @Test
    void batchesThatWaitForTheWireCostNoMoreThanTheReportsOfEpoll() {
        blockAndDrain(50);
        long before = THREADS.getThreadAllocatedBytes(threadId);
        long packets = blockAndDrain(50);
        long bytes = THREADS.getThreadAllocatedBytes(threadId) - before;
        assertThat(lane.rawDevice.timesFull).hasPositiveValue();
        assertThat(packets).isGreaterThan(10_000);
        assertThat(bytes).as("bytes for %d packets", packets).isLessThan(packets / 10);
    }

    private long blockAndDrain(int rounds) {
        long packets = 0;
        for (int round = 0; round < rounds; round++) {
            long sent = 0;
            while (lane.tunPeer.send(sent, 1)) {
                sent++;
            }
            for (long i = 0; i < sent; i++) {
                assertThat(lane.rawPeer.receive(LONG)).isEqualTo(i);
            }
            packets += sent;
        }
        return packets;
    }
}
