package io.culvert.loop;

import io.culvert.endtoend.Spread;
import java.util.ArrayList;
import java.util.List;

/** What was measured of one case, round by round; per packet. */
public final class LoopMeasured {
    private final LoopCase loopCase;
    private final List<Double> encapsulateNanos = new ArrayList<>();
    private final List<Double> decapsulateNanos = new ArrayList<>();
    private final List<Double> bothNanos = new ArrayList<>();
    private final List<Double> allocatedBytes = new ArrayList<>();
    private long lostPackets;

    LoopMeasured(LoopCase loopCase) {
        this.loopCase = loopCase;
    }

    public LoopCase loopCase() {
        return loopCase;
    }

    void add(double encapsulate, double decapsulate, double allocated) {
        encapsulateNanos.add(encapsulate);
        decapsulateNanos.add(decapsulate);
        bothNanos.add(encapsulate + decapsulate);
        allocatedBytes.add(allocated);
    }

    void addLost(long packets) {
        lostPackets += packets;
    }

    /** Nanoseconds from device to wire. */
    public Spread encapsulateNanos() {
        return Spread.of(encapsulateNanos);
    }

    /** Nanoseconds from wire to device. */
    public Spread decapsulateNanos() {
        return Spread.of(decapsulateNanos);
    }

    /** Nanoseconds from device to device. */
    public Spread bothNanos() {
        return Spread.of(bothNanos);
    }

    /** Every round's nanoseconds from device to device. */
    public List<Double> rounds() {
        return List.copyOf(bothNanos);
    }

    /** Whether it had a turn. */
    public boolean hasRounds() {
        return !bothNanos.isEmpty();
    }

    /** Bytes of garbage. */
    public Spread allocatedBytes() {
        return Spread.of(allocatedBytes);
    }

    /** Packets that did not come out; 0 unless there is a bug. */
    public long lostPackets() {
        return lostPackets;
    }

    /** Inner bits per nanosecond, which are gigabits a second, of one thread. */
    public double gigabitsPerSecond() {
        return loopCase.innerBytes() * 8 / bothNanos().median();
    }
}
