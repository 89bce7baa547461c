package io.culvert.endtoend;

import io.culvert.endtoend.contender.Way;
import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.host.ProcessCost;
import io.culvert.endtoend.load.LossFreeRate;
import io.culvert.endtoend.load.RoundTrips;
import io.culvert.endtoend.load.TcpLoad;
import io.culvert.endtoend.load.TcpTransfer;
import io.culvert.endtoend.load.UdpBlast;
import io.culvert.linux.LinuxException;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** One contender's turn in one round: all measurements, over a way that is up. */
final class Turn {
    private static final Duration REACHABLE = Duration.ofSeconds(15);

    private final Plan plan;
    private final Way way;
    private final Measured measured;
    private final int round;
    private final Progress progress;
    private final TcpLoad tcp = TcpLoad.ofThisMachine();

    Turn(Plan plan, Way way, Measured measured, int round, Progress progress) {
        this.plan = plan;
        this.way = way;
        this.measured = measured;
        this.round = round;
        this.progress = progress;
    }

    /** A measurement that can fail by itself. */
    @FunctionalInterface
    private interface Step {
        void run() throws InterruptedException;
    }

    /**
     * Measures everything. A measurement that fails is noted, and the others go on.
     *
     * @throws CommandFailure when nothing comes through at all
     */
    void run() throws InterruptedException {
        RoundTrips.awaitReachable(way, REACHABLE);
        // A JIT compiler, a TCP stack and a switch's flow table all want some traffic first.
        attempt("warm-up", () -> tcp.send(way, 1, plan.warmUp()));
        JvmWatch jvm = JvmWatch.over(way);
        attempt("TCP, 1 stream", this::tcpOneStream);
        attempt("TCP, 4 streams", this::tcpFourStreams);
        attempt("64-byte UDP", this::udp);
        attempt("round trips", this::roundTrips);
        if (!way.endpoints().isEmpty()) {
            double bytes = ProcessCost.of(way.left()).peakMemoryBytes();
            double otherBytes = ProcessCost.of(way.right()).peakMemoryBytes();
            measured.add(Metric.MEMORY, Math.max(bytes, otherBytes) / (1 << 20));
        }
        if (jvm != null) {
            attempt("garbage collection", () -> jvm.finish(measured));
        }
    }

    private void attempt(String what, Step step) throws InterruptedException {
        progress.step(round, measured.name(), what);
        try {
            step.run();
        } catch (CommandFailure | LinuxException e) {
            measured.addFailure(round, what + ": " + e.getMessage());
        }
    }

    private void tcpOneStream() throws InterruptedException {
        ProcessCost before = ProcessCost.of(way.endpoints());
        double machineBefore = ProcessCost.machineCpuSeconds();
        TcpTransfer transfer = tcp.send(way, 1, plan.duration());
        double machineSeconds = ProcessCost.machineCpuSeconds() - machineBefore;
        double seconds = ProcessCost.of(way.endpoints()).cpuSeconds() - before.cpuSeconds();
        measured.add(Metric.TCP_ONE_STREAM, transfer.gigabitsPerSecond());
        measured.add(Metric.MACHINE_CPU_PER_GIGABYTE, machineSeconds / transfer.gigabytes());
        if (!way.endpoints().isEmpty()) {
            measured.add(Metric.CPU_PER_GIGABYTE, seconds / transfer.gigabytes());
        }
        if (transfer.retransmissions() >= 0) {
            measured.add(Metric.RETRANSMISSIONS, transfer.retransmissions());
        }
    }

    private void tcpFourStreams() throws InterruptedException {
        TcpTransfer transfer = tcp.send(way, 4, plan.duration());
        measured.add(Metric.TCP_FOUR_STREAMS, transfer.gigabitsPerSecond());
    }

    private void udp() throws InterruptedException {
        LossFreeRate.Result result =
                LossFreeRate.search(
                        rate -> UdpBlast.run(way, rate, plan.udpTrialDuration()), plan.udpTrials());
        measured.add(Metric.UDP_MOST, result.mostPerSecond() / 1e3);
        if (result.perSecond() == 0) {
            throw new CommandFailure("every rate that was tried lost packets");
        }
        measured.add(Metric.UDP_WITHOUT_LOSS, result.perSecond() / 1e3);
    }

    private void roundTrips() throws InterruptedException {
        RoundTrips.Result result = RoundTrips.measure(way, plan.probesPerSecond(), plan.duration());
        Histogram nanos = result.nanos();
        measured.addRoundTrips(nanos);
        measured.add(Metric.ROUND_TRIP_P50, nanos.getValueAtPercentile(50) / 1e3);
        measured.add(Metric.ROUND_TRIP_P90, nanos.getValueAtPercentile(90) / 1e3);
        measured.add(Metric.ROUND_TRIP_P99, nanos.getValueAtPercentile(99) / 1e3);
        measured.add(Metric.ROUND_TRIP_P999, nanos.getValueAtPercentile(99.9) / 1e3);
        measured.add(Metric.ROUND_TRIP_MAX, nanos.getMaxValue() / 1e3);
        measured.add(Metric.PROBES_LOST, result.lost());
    }
}
