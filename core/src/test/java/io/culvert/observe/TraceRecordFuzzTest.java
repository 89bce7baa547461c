package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.observe.TraceRecord.Kind;
import io.culvert.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arbitrary bytes in place of a record: refused, or read without an exception. */
class TraceRecordFuzzTest {
    private static final int RECORDED = 100;

    @Tag("fuzz")
    @FuzzTest(maxDuration = "")
    void anyBytesAreRefusedOrRead(byte[] bytes) {
        isRead(bytes);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void recordsWithWrongBytesAreRefusedOrRead(long seed) {
        Random random = new Random(seed);
        int valid = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = record();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(TraceRecord.HEADER_BYTES)] = (byte) random.nextInt();
            }
            valid += isRead(bytes) ? 1 : 0;
        }
        assertThat(valid).isBetween(1_000, 49_000);
    }

    @Test
    void aRecordThatIsCutShortIsRefused() {
        byte[] bytes = record();
        TraceRecord record = new TraceRecord().wrap(ByteBuffer.wrap(bytes), 0);
        assertThat(record.isValid(bytes.length)).isTrue();
        for (int limit = 0; limit < bytes.length; limit++) {
            assertThat(record.isValid(limit)).as("limit %d", limit).isFalse();
        }
    }

    private static boolean isRead(byte[] bytes) {
        TraceRecord record = new TraceRecord().wrap(ByteBuffer.wrap(bytes), 0);
        if (!record.isValid(bytes.length)) {
            return false;
        }
        assertThat(record.kind()).isNotNull();
        assertThat(record.lengthBytes()).isLessThanOrEqualTo(bytes.length);
        assertThat(record.copyOuter().length).isLessThanOrEqualTo(record.recordedBytes());
        assertThat(record.copyInner().length).isLessThanOrEqualTo(record.recordedBytes());
        assertThat(record.isDropped()).isEqualTo(record.dropReasonOrdinal() >= 0);
        ByteBuffer copy = ByteBuffer.allocate(record.lengthBytes());
        record.copyTo(copy);
        assertThat(copy.hasRemaining()).isFalse();
        return true;
    }

    private static byte[] record() {
        ByteBuffer memory = ByteBuffer.allocate(TraceRecord.HEADER_BYTES + RECORDED);
        TraceRecordWriter record = new TraceRecordWriter().wrap(memory, 0);
        record.start(Kind.RECEIVED, 0, null, 2_000, 1_000);
        record.bothSides(124, 24, 100);
        record.append(ByteBuffer.allocate(RECORDED).put(24, (byte) 0x45), 0, RECORDED);
        record.deliveredFirstWord(0x4503);
        return memory.array();
    }
}
