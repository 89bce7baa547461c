package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Metric;
import io.culvert.endtoend.Plan;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Runs that never were. */
final class Runs {
    private Runs() {}

    /** Three rounds: one contender that is complete, one that failed once, one that is absent. */
    static Results three() {
        Measured direct = new Measured("direct", "no tunnel");
        for (double gigabits : new double[] {20, 22, 18}) {
            direct.add(Metric.TCP_ONE_STREAM, gigabits);
            direct.add(Metric.ROUND_TRIP_P50, 11);
        }
        direct.addRoundTrips(evenly(1, 1_000));

        Measured culvert = new Measured("culvert-gre", "culvert run ... <mode gre> & \"more\"");
        culvert.add(Metric.TCP_ONE_STREAM, 2);
        culvert.add(Metric.TCP_ONE_STREAM, 3);
        culvert.addFailure(3, "TCP, 1 stream: iperf3: <no> & never");
        culvert.add(Metric.PROBES_LOST, 4);
        culvert.addRoundTrips(evenly(100, 1_000));
        culvert.addRoundTrips(evenly(100, 1_000));

        Measured gre = new Measured("kernel-gre", "the kernel's own gre");
        gre.absence("this kernel makes no gre device");
        return new Results(
                new Environment(Map.of("kernel", "6.1", "culvert", "0.1.0")),
                Plan.QUICK,
                3,
                List.of(direct, culvert, gre),
                direct,
                "iperf3");
    }

    /** Each of the round trips {@code first}, {@code first + 1} ... microseconds once. */
    static Histogram evenly(int firstMicros, int count) {
        Histogram nanos = new Histogram(10_000_000_000L, 3);
        for (int i = 0; i < count; i++) {
            nanos.recordValue((firstMicros + i) * 1_000L);
        }
        return nanos;
    }
}
