package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.observe.TraceRecord.Kind;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TraceRingTest {
    private final TraceRing ring =
            new TraceRing(
                    ByteBuffer.allocate(4 * TraceRecord.HEADER_BYTES + 44),
                    TraceRecord.HEADER_BYTES);
    private final TraceRecordWriter written = new TraceRecordWriter();
    private final TraceRecord record = new TraceRecord();

    private boolean write(long number) {
        if (!ring.claim(written)) {
            return false;
        }
        written.start(Kind.TRANSMITTED, 0, null, number, 0);
        written.identify(0, number);
        return true;
    }

    private long readNext() {
        if (!ring.peek(record)) {
            return -1;
        }
        long number = record.number();
        ring.advance();
        return number;
    }

    @Test
    void whatWasClaimedIsSeenOnceItIsPublishedAndInOrder() {
        write(1);
        write(2);
        assertThat(readNext()).as("before it was published").isEqualTo(-1);
        ring.publish();
        assertThat(readNext()).isEqualTo(1);
        assertThat(readNext()).isEqualTo(2);
        assertThat(readNext()).as("behind the last").isEqualTo(-1);
    }

    @Test
    void aFullRingTakesNothingUntilOneWasRead() {
        for (int i = 1; i <= 4; i++) {
            assertThat(write(i)).isTrue();
        }
        ring.publish();
        assertThat(write(5)).isFalse();
        assertThat(readNext()).isEqualTo(1);
        assertThat(write(5)).isTrue();
        assertThat(write(6)).isFalse();
        ring.publish();
        for (int i = 2; i <= 5; i++) {
            assertThat(readNext()).isEqualTo(i);
        }
        assertThat(readNext()).isEqualTo(-1);
    }

    @Test
    void itGoesRoundManyTimes() {
        for (int i = 1; i <= 1000; i++) {
            assertThat(write(i)).isTrue();
            ring.publish();
            assertThat(readNext()).isEqualTo(i);
        }
    }

    @Test
    void aRecordThatIsPeekedAtStays() {
        write(7);
        ring.publish();
        TraceRecord again = new TraceRecord();
        assertThat(ring.peek(record)).isTrue();
        assertThat(ring.peek(again)).isTrue();
        assertThat(again.number()).isEqualTo(7);
    }

    @Test
    void asManyFitAsAreAPowerOfTwo() {
        assertThat(ring.capacity()).isEqualTo(4);
        assertThat(new TraceRing(ByteBuffer.allocate(64 * 7), 64).capacity()).isEqualTo(4);
        assertThatThrownBy(() -> new TraceRing(ByteBuffer.allocate(63), 64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("63 bytes");
    }

    @Test
    @Timeout(60)
    void aReaderOnAnotherThreadSeesWholeRecordsInOrderAndNoneTwice() throws InterruptedException {
        int count = 200_000;
        AtomicLong read = new AtomicLong();
        AtomicLong torn = new AtomicLong();
        AtomicBoolean isDone = new AtomicBoolean();
        Thread reader =
                new Thread(
                        () -> {
                            TraceRecord view = new TraceRecord();
                            long last = 0;
                            while (true) {
                                boolean isLast = isDone.get();
                                if (ring.peek(view)) {
                                    long number = view.number();
                                    if (number <= last || view.endNanos() != number) {
                                        torn.incrementAndGet();
                                    }
                                    last = number;
                                    ring.advance();
                                    read.incrementAndGet();
                                } else if (isLast) {
                                    return;
                                } else {
                                    Thread.onSpinWait();
                                }
                            }
                        });
        reader.start();
        long written = 0;
        for (int i = 1; i <= count; i++) {
            written += write(i) ? 1 : 0;
            ring.publish();
        }
        isDone.set(true);
        reader.join();
        assertThat(torn).hasValue(0);
        assertThat(read).hasValue(written);
        assertThat(written).isPositive();
    }
}
