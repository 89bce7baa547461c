package io.culvert.endtoend;

/** What is measured of a contender in a round: one number each. */
public enum Metric {
    TCP_ONE_STREAM("tcp-1", "TCP, 1 stream", "Gb/s", 2, true),
    TCP_FOUR_STREAMS("tcp-4", "TCP, 4 streams", "Gb/s", 2, true),
    UDP_WITHOUT_LOSS("udp-64", "64-byte UDP without loss", "kpps", 0, true),
    UDP_MOST("udp-64-most", "64-byte UDP under overload", "kpps", 0, true),
    ROUND_TRIP_P50("rtt-p50", "p50", "us", 0, false),
    ROUND_TRIP_P90("rtt-p90", "p90", "us", 0, false),
    ROUND_TRIP_P99("rtt-p99", "p99", "us", 0, false),
    ROUND_TRIP_P999("rtt-p99.9", "p99.9", "us", 0, false),
    ROUND_TRIP_MAX("rtt-max", "max", "us", 0, false),
    PROBES_LOST("probes-lost", "probes lost", "", 0, false),
    RETRANSMISSIONS("tcp-1-retransmissions", "segments sent again", "", 0, false),
    CPU_PER_GIGABYTE("cpu-per-gb", "CPU of both ends", "s/GB", 2, false),
    MACHINE_CPU_PER_GIGABYTE("machine-cpu-per-gb", "CPU of the machine", "s/GB", 2, false),
    MEMORY("memory", "memory of one end", "MiB", 0, false),
    ALLOCATION("allocation", "allocated by one end", "KiB/s", 1, false),
    GC_PAUSES("gc-pauses", "GC pauses of both ends", "", 0, false),
    GC_LONGEST_PAUSE("gc-longest-pause", "longest GC pause", "ms", 2, false);

    private final String key;
    private final String label;
    private final String unit;
    private final int decimals;
    private final boolean moreIsBetter;

    Metric(String key, String label, String unit, int decimals, boolean moreIsBetter) {
        this.key = key;
        this.label = label;
        this.unit = unit;
        this.decimals = decimals;
        this.moreIsBetter = moreIsBetter;
    }

    /** Its name in JSON. */
    public String key() {
        return key;
    }

    /** Its name for people. */
    public String label() {
        return label;
    }

    /** The unit of its values; empty for counts. */
    public String unit() {
        return unit;
    }

    /** Digits worth printing behind the point. */
    public int decimals() {
        return decimals;
    }

    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
