package io.culvert.observe;

import io.culvert.packet.DropReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counts of one tunnel in one lane, or of a lane's packets that belong to no tunnel.
 *
 * <p>One writer, the lane's thread; any reader. Plain longs written with opaque stores: a reader
 * may see a count that is a moment old, never a torn one.
 */
public final class Counters {
    /** What is counted beside the reasons of drops. */
    public enum Count {
        /** Outer packets read from the wire. */
        RECEIVED,
        /** Inner packets that the device took. */
        DELIVERED,
        /** Bytes of the inner packets that the device took. */
        DELIVERED_BYTES,
        /** Keepalives and answers to ours that the tunnel itself took. */
        KEEPALIVES_RECEIVED,
        /** Inner packets read from the device. */
        READ,
        /** Inner packets that were sent, whole or in fragments. */
        SENT,
        /** Bytes of the inner packets that were sent. */
        SENT_BYTES,
        /** Fragments that were made. */
        FRAGMENTS_MADE,
        /** Fragments that were sent. */
        FRAGMENTS_SENT,
        /** Our keepalives that were sent. */
        KEEPALIVES_SENT,
        /** Our keepalives that could not be sent. */
        KEEPALIVES_UNSENT,
        /** Answers to the peer's keepalives that were sent. */
        KEEPALIVE_ANSWERS_SENT,
        /** Answers to the peer's keepalives that could not be sent. */
        KEEPALIVE_ANSWERS_UNSENT,
        /** ICMP errors about inner packets that the device took. */
        ICMP_ERRORS_WRITTEN,
        /** ICMP errors about inner packets that the device did not take. */
        ICMP_ERRORS_LOST,
        /** ICMP errors about outer packets that were received. */
        ICMP_ERRORS_RECEIVED
    }

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final Count[] COUNTS = Count.values();
    private static final DropReason[] REASONS = DropReason.values();

    private final long[] values = new long[COUNTS.length + REASONS.length];

    /** Adds to a count. Lane thread. */
    public void add(Count count, long amount) {
        add(count.ordinal(), amount);
    }

    /** Counts a dropped packet. Lane thread. */
    public void drop(DropReason reason) {
        add(COUNTS.length + reason.ordinal(), 1);
    }

    /** A count; any thread. */
    public long get(Count count) {
        return (long) LONGS.getOpaque(values, count.ordinal());
    }

    /** Packets dropped for a reason; any thread. */
    public long get(DropReason reason) {
        return (long) LONGS.getOpaque(values, COUNTS.length + reason.ordinal());
    }

    /** The reasons for which packets were dropped, with how many; any thread. */
    public Map<DropReason, Long> drops() {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (DropReason reason : REASONS) {
            long packets = get(reason);
            if (packets != 0) {
                drops.put(reason, packets);
            }
        }
        return drops;
    }

    private void add(int index, long amount) {
        LONGS.setOpaque(values, index, values[index] + amount);
    }
}
