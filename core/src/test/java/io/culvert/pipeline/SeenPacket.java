package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.TraceOptions;
import io.culvert.observe.TraceRecord;
import io.culvert.observe.TraceRecord.Kind;
import io.culvert.observe.TraceTap;
import io.culvert.packet.DropReason;
import java.util.ArrayList;
import java.util.List;

/** A packet that a watcher was shown: a record, taken out of its ring. */
record SeenPacket(
        Kind kind,
        int tunnel,
        DropReason reason,
        byte[] outer,
        byte[] inner,
        int outerBytes,
        int innerBytes,
        boolean isReplaced,
        boolean isJoined,
        int superPacketBytes,
        int hostSegmentBytes) {
    private static final int LANE = 3;

    /** Has somebody watch a lane from now on. */
    static TraceTap watch(EmbeddedLane lane, TraceOptions options) {
        TraceTap watcher = new TraceTap(options, LANE, 1, TraceTap.allocateMemory());
        lane.tunnels.trace().attach(watcher);
        return watcher;
    }

    /** What there is to see, which nobody sees again. */
    static List<SeenPacket> by(TraceTap watcher) {
        List<SeenPacket> all = new ArrayList<>();
        TraceRecord record = new TraceRecord();
        while (watcher.peek(record)) {
            assertThat(record.isValid(record.lengthBytes())).isTrue();
            assertThat(record.lane()).isEqualTo(LANE);
            int reason = record.dropReasonOrdinal();
            all.add(
                    new SeenPacket(
                            record.kind(),
                            record.tunnel(),
                            reason < 0 ? null : DropReason.values()[reason],
                            record.copyOuter(),
                            record.copyInner(),
                            record.outerBytes(),
                            record.innerBytes(),
                            record.isReplaced(),
                            record.isJoined(),
                            record.superPacketBytes(),
                            record.hostSegmentBytes()));
            watcher.advance();
        }
        return all;
    }
}
