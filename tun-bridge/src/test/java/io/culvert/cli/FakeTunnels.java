package io.culvert.cli;

import io.culvert.control.KeepaliveCounts;
import io.culvert.control.LaneCounts;
import io.culvert.control.RunningTunnels;
import io.culvert.control.Summary;
import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelCounts;
import io.culvert.control.TunnelException;
import io.culvert.control.UpLine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Tunnels that carry nothing; what they count is how often the summary was asked for. */
final class FakeTunnels implements RunningTunnels {
    private final List<TunnelConfig> configs;
    private final CountDownLatch end = new CountDownLatch(1);
    private TunnelException failure;
    private long summaries;
    private boolean isClosed;

    FakeTunnels(List<TunnelConfig> configs) {
        this.configs = configs;
    }

    /** The command line with tunnels that carry nothing, as a process of its own. */
    public static void main(String[] arguments) {
        Culvert.runAndExit(arguments, (configs, options) -> new FakeTunnels(configs));
    }

    /** Makes the tunnels end as if the system had taken something away. */
    void fail(TunnelException cause) {
        failure = cause;
        end.countDown();
    }

    synchronized boolean isClosed() {
        return isClosed;
    }

    @Override
    public List<String> upLines() {
        return configs.stream()
                .map(config -> UpLine.of(config.spec(), "up", 1476, "", ""))
                .toList();
    }

    @Override
    public synchronized Summary summary() {
        summaries++;
        List<TunnelCounts> counts =
                configs.stream()
                        .map(config -> config.spec().name())
                        .map(
                                name ->
                                        new TunnelCounts(
                                                name,
                                                summaries,
                                                0,
                                                0,
                                                0,
                                                0,
                                                0,
                                                0,
                                                "",
                                                KeepaliveCounts.NONE,
                                                Map.of()))
                        .toList();
        return new Summary(
                Duration.ofSeconds(1), counts, List.of(new LaneCounts(0, 0, 0, Map.of())));
    }

    @Override
    public void awaitEnd() throws TunnelException, InterruptedException {
        end.await();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        end.countDown();
    }
}
