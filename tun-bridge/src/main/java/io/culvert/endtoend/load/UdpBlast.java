package io.culvert.endtoend.load;

import io.culvert.endtoend.contender.Way;
import io.culvert.endtoend.host.CommandFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Small UDP datagrams at a rate, from the left host to the right one. Open loop: what is due is
 * sent, whatever happened to what was sent before.
 */
public final class UdpBlast {
    /** UDP payload of a datagram, so that IP packets are 92 or 112 bytes long. */
    public static final int PAYLOAD_BYTES = 64;

    private static final int PORT = 5203;
    private static final Duration LAST_ARRIVALS = Duration.ofMillis(200);

    private UdpBlast() {}

    /** Sends so many a second for a time, and counts what arrives. */
    public static LossFreeRate.Count run(Way way, double perSecond, Duration duration)
            throws InterruptedException {
        InetAddress target = way.target();
        try (DatagramSink sink =
                result(
                        way.topology()
                                .right()
                                .submit("sink", () -> DatagramSink.open(target, PORT)))) {
            FutureTask<Long> arrived =
                    way.topology().right().submit("arrivals", sink::countUntilEnd);
            FutureTask<DatagramSource.Sent> sending =
                    way.topology()
                            .left()
                            .submit(
                                    "datagrams",
                                    () -> {
                                        ThreadTimer.sharpen();
                                        try (var source = DatagramSource.open(target, PORT)) {
                                            return source.send(perSecond, duration);
                                        }
                                    });
            DatagramSource.Sent sent;
            long received;
            try {
                sent = result(sending);
                Thread.sleep(LAST_ARRIVALS.toMillis());
            } finally {
                sink.end();
            }
            received = result(arrived);
            return new LossFreeRate.Count(sent.datagrams(), received, sent.seconds());
        }
    }

    private static <T> T result(FutureTask<T> task) throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new CommandFailure("UDP datagrams: " + e.getCause().getMessage(), e);
        }
    }
}
