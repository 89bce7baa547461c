package io.culvert.endtoend.load;

import io.culvert.endtoend.contender.Way;
import io.culvert.endtoend.host.CommandFailure;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/**
 * UDP probes from the left host that the right one sends back.
 *
 * <p>Open loop: probe i is due at {@code begin + i * interval}, whatever became of those before it,
 * carries that time, and its round trip counts from then. A tunnel that stalls is charged for all
 * the probes that it kept waiting, and not only for one (no coordinated omission).
 */
public final class RoundTrips {
    private static final int PORT = 5202;
    private static final int PROBE_BYTES = 64;
    private static final Duration LAST_REPLIES = Duration.ofMillis(500);
    private static final long MOST_NANOS = 10_000_000_000L;
    private static final int DIGITS = 3;

    private RoundTrips() {}

    /**
     * What came back.
     *
     * @param nanos round trips, from when a probe was due
     * @param sent probes
     * @param lost probes that did not come back
     * @param latenessNanos how late our own sender was, which is in the round trips
     */
    public record Result(Histogram nanos, long sent, long lost, Histogram latenessNanos) {}

    /**
     * Sends probes for a time.
     *
     * @param perSecond probes a second
     * @throws CommandFailure when none came back
     */
    public static Result measure(Way way, int perSecond, Duration duration)
            throws InterruptedException {
        InetSocketAddress target = new InetSocketAddress(way.target(), PORT);
        try (DatagramChannel echo =
                        result(way.topology().right().submit("bind", () -> at(target)));
                DatagramChannel probe =
                        result(way.topology().left().submit("open", () -> towards(target)))) {
            way.topology().right().submit("echo", () -> sendBack(echo));
            FutureTask<Histogram> replies =
                    way.topology().left().submit("replies", () -> receive(probe));
            Histogram lateness =
                    result(
                            way.topology()
                                    .left()
                                    .submit("probes", () -> send(probe, perSecond, duration)));
            Thread.sleep(LAST_REPLIES.toMillis());
            end(probe);
            Histogram nanos = result(replies);
            long sent = lateness.getTotalCount();
            if (nanos.getTotalCount() == 0) {
                throw new CommandFailure("none of " + sent + " UDP probes came back");
            }
            return new Result(nanos, sent, sent - nanos.getTotalCount(), lateness);
        } catch (IOException e) {
            throw new CommandFailure("cannot close a UDP socket: " + e.getMessage(), e);
        }
    }

    /**
     * Waits until a packet can go there and back.
     *
     * @throws CommandFailure when none does for so long
     */
    public static void awaitReachable(Way way, Duration patience) throws InterruptedException {
        InetSocketAddress target = new InetSocketAddress(way.target(), PORT);
        long end = System.nanoTime() + patience.toNanos();
        try (DatagramChannel echo =
                        result(way.topology().right().submit("bind", () -> at(target)));
                DatagramChannel probe =
                        result(way.topology().left().submit("open", () -> towards(target)))) {
            way.topology().right().submit("echo", () -> sendBack(echo));
            FutureTask<Integer> reply =
                    way.topology()
                            .left()
                            .submit("reply", () -> probe.read(ByteBuffer.allocate(PROBE_BYTES)));
            while (System.nanoTime() < end) {
                sendOne(probe);
                try {
                    reply.get(100, TimeUnit.MILLISECONDS);
                    return;
                } catch (TimeoutException e) {
                    continue;
                } catch (ExecutionException e) {
                    throw new CommandFailure("UDP probe: " + e.getCause().getMessage(), e);
                }
            }
            throw new CommandFailure("nothing comes through: no probe came back from " + target);
        } catch (IOException e) {
            throw new CommandFailure("UDP probe: " + e.getMessage(), e);
        }
    }

    /** Ends the reading, whose thread blocks in it: a read has no other end. */
    private static void end(DatagramChannel probe) throws IOException {
        probe.close();
    }

    /** A packet that the far end refuses or that has no route yet is one that is not answered. */
    private static void sendOne(DatagramChannel probe) {
        try {
            probe.write(ByteBuffer.allocate(PROBE_BYTES));
        } catch (IOException e) {
            return;
        }
    }

    private static DatagramChannel at(InetSocketAddress address) throws IOException {
        return DatagramChannel.open(family(address.getAddress())).bind(address);
    }

    private static DatagramChannel towards(InetSocketAddress address) throws IOException {
        return DatagramChannel.open(family(address.getAddress())).connect(address);
    }

    private static ProtocolFamily family(InetAddress address) {
        return address instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    private static Void sendBack(DatagramChannel echo) throws IOException {
        ByteBuffer packet = ByteBuffer.allocateDirect(PROBE_BYTES);
        try {
            while (true) {
                packet.clear();
                SocketAddress from = echo.receive(packet);
                packet.flip();
                echo.send(packet, from);
            }
        } catch (ClosedChannelException e) {
            return null;
        }
    }

    private static Histogram receive(DatagramChannel probe) throws IOException {
        Histogram nanos = histogram();
        ByteBuffer packet = ByteBuffer.allocateDirect(PROBE_BYTES);
        try {
            while (true) {
                packet.clear();
                probe.read(packet);
                long now = System.nanoTime();
                nanos.recordValue(Math.min(Math.max(0, now - packet.getLong(0)), MOST_NANOS));
            }
        } catch (ClosedChannelException e) {
            return nanos;
        }
    }

    private static Histogram send(DatagramChannel probe, int perSecond, Duration duration)
            throws IOException {
        ThreadTimer.sharpen();
        Histogram lateness = histogram();
        ByteBuffer packet = ByteBuffer.allocateDirect(PROBE_BYTES);
        long count = duration.toMillis() * perSecond / 1_000;
        long begin = System.nanoTime() + 1_000_000;
        for (long i = 0; i < count; i++) {
            long due = begin + i * 1_000_000_000L / perSecond;
            ThreadTimer.awaitNanos(due);
            packet.clear();
            packet.putLong(0, due);
            long late = System.nanoTime() - due;
            probe.write(packet);
            lateness.recordValue(Math.min(late, MOST_NANOS));
        }
        return lateness;
    }

    /** Three digits, 1 us to 10 s. */
    public static Histogram histogram() {
        return new Histogram(MOST_NANOS, DIGITS);
    }

    private static <T> T result(FutureTask<T> task) throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new CommandFailure("UDP probes: " + e.getCause().getMessage(), e);
        }
    }
}
