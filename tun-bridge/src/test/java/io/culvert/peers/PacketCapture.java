package io.culvert.peers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A tcpdump on one device of a namespace, from when {@link #start} returns until {@link #stop}.
 *
 * <p>The file lies beside the logs in {@code target/peers}, for whoever looks into a failure.
 */
public final class PacketCapture implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    // The buffer has a slot of the full length for every packet, so a generous length makes for few
    // slots.
    private static final int FRAME_BYTES = 2048;
    private static final int FRAMES = 8192;
    private static final Pattern PROGRESS =
            Pattern.compile(
                    "(?<captured>\\d+) packets? captured, (?<received>\\d+) packets? received");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final NetworkNamespace host;
    private final BackgroundProcess tcpdump;
    private final Path file;

    private PacketCapture(NetworkNamespace host, BackgroundProcess tcpdump, Path file) {
        this.host = host;
        this.tcpdump = tcpdump;
        this.file = file;
    }

    /** Captures frames of up to 2048 bytes, and returns once no packet can be missed any more. */
    public static PacketCapture start(NetworkNamespace host, String device) {
        Path file =
                Path.of(
                        "target",
                        "peers",
                        "%s-%s-%d.pcap".formatted(host, device, COUNT.incrementAndGet()));
        BackgroundProcess tcpdump =
                host.start(
                        "tcpdump",
                        "--immediate-mode",
                        "-Z", // as root to the end, which it else is not in the build's directory
                        "root",
                        "-U",
                        "-n",
                        "-s",
                        Integer.toString(FRAME_BYTES),
                        "-B",
                        Integer.toString(FRAMES * FRAME_BYTES / 1024),
                        "-i",
                        device,
                        "-w",
                        file.toAbsolutePath().toString());
        tcpdump.awaitLine(
                tcpdump.stderr(), 0, line -> line.contains("listening on " + device), PATIENCE);
        return new PacketCapture(host, tcpdump, file);
    }

    /**
     * Ends the capture once it has what passed before; throws when the kernel had to drop packets
     * before tcpdump saw them.
     */
    public void stop() {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!hasReadWhatTheKernelHasForIt()) {
            if (System.nanoTime() > deadlineNanos) {
                throw new IllegalStateException("packets that tcpdump does not read: " + tcpdump);
            }
        }
        Outcome end = tcpdump.end("INT");
        if (!end.stderr().contains("\n0 packets dropped by kernel")) {
            throw new IllegalStateException("an incomplete capture: " + end);
        }
    }

    public Path file() {
        return file;
    }

    /**
     * What tcpdump makes of the packets that pass {@code filter}, one line a packet.
     *
     * @param filter an expression of pcap-filter(7), which sees the outer packet
     */
    public List<String> decode(String filter) {
        return read(filter, "-q").toList();
    }

    /** The same with all checksums verified and all headers shown, some lines a packet. */
    public List<String> decodeVerbosely(String filter) {
        return read(filter, "-vv").toList();
    }

    @Override
    public void close() {
        tcpdump.close();
    }

    /** An interrupted tcpdump leaves unread what waits for it. */
    private boolean hasReadWhatTheKernelHasForIt() {
        int from = tcpdump.stderr().size();
        tcpdump.signal("USR1");
        String progress =
                tcpdump.awaitLine(
                        tcpdump.stderr(), from, line -> PROGRESS.matcher(line).find(), PATIENCE);
        Matcher counts = PROGRESS.matcher(progress);
        return counts.find() && counts.group("captured").equals(counts.group("received"));
    }

    private Stream<String> read(String filter, String verbosity) {
        return host.exec(
                        "tcpdump",
                        "-n",
                        "-t",
                        verbosity,
                        "-r",
                        file.toAbsolutePath().toString(),
                        filter)
                .stdout()
                .lines();
    }
}
