package io.culvert.channel;

import io.culvert.packet.BatchLedger;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import java.util.EnumMap;
import java.util.Map;

/** Counts the ends of packets. Written by the lane, read through the lane. */
final class Books implements BatchLedger {
    private long passed;
    private final long[] dropped = new long[DropReason.values().length];

    @Override
    public void settle(PacketBatch batch) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                passed++;
            } else {
                dropped[batch.dropReason(slot).ordinal()]++;
            }
        }
    }

    /** Packets that were sent or delivered. */
    long passed() {
        return passed;
    }

    /** What was dropped, reasons without drops left out. */
    Map<DropReason, Long> dropped() {
        Map<DropReason, Long> byReason = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            if (dropped[reason.ordinal()] > 0) {
                byReason.put(reason, dropped[reason.ordinal()]);
            }
        }
        return byReason;
    }

    long total() {
        long total = passed;
        for (long drops : dropped) {
            total += drops;
        }
        return total;
    }
}
