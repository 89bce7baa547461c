package io.culvert.endtoend.load;

import io.culvert.linux.Abi;
import io.culvert.linux.LibC;
import io.culvert.linux.NativeMemory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Sends equal datagrams by {@code sendmmsg}. One thread. */
final class DatagramSource implements AutoCloseable {
    private static final int MOST_AT_ONCE = 32;
    private static final long NAP_NANOS = 20_000;

    private final UdpSocket socket;
    private final NativeMemory payload = NativeMemory.allocate(UdpBlast.PAYLOAD_BYTES);
    private final NativeMemory vector = NativeMemory.allocate(Abi.IOVEC_BYTES);
    private final NativeMemory messages = NativeMemory.allocate(MOST_AT_ONCE * Abi.MMSGHDR_BYTES);

    /**
     * What was sent.
     *
     * @param seconds how long it took
     */
    record Sent(long datagrams, double seconds) {}

    private DatagramSource(UdpSocket socket) {
        this.socket = socket;
        vector.bytes()
                .putLong(Abi.IOVEC_BASE, payload.address())
                .putLong(Abi.IOVEC_LEN, UdpBlast.PAYLOAD_BYTES);
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            int header = i * Abi.MMSGHDR_BYTES;
            messages.bytes()
                    .putLong(header + Abi.MSGHDR_IOV, vector.address())
                    .putLong(header + Abi.MSGHDR_IOVLEN, 1);
        }
    }

    static DatagramSource open(InetAddress target, int port) {
        return new DatagramSource(UdpSocket.connected(target, port));
    }

    /** Sends so many a second for a time, or as many as go. */
    Sent send(double perSecond, Duration duration) {
        long begin = System.nanoTime();
        long sent = 0;
        long elapsed = 0;
        while (elapsed < duration.toNanos()) {
            long due = (long) (elapsed * perSecond / 1e9) - sent;
            if (due < 1) {
                LockSupport.parkNanos(NAP_NANOS);
            } else {
                int count = (int) Math.min(due, MOST_AT_ONCE);
                // A refusal means a full queue, or nobody listening yet: the next call tries again.
                sent += Math.max(0, LibC.sendmmsg(socket.fd(), messages.address(), count, 0));
            }
            elapsed = System.nanoTime() - begin;
        }
        return new Sent(sent, elapsed / 1e9);
    }

    @Override
    public void close() {
        socket.close();
    }
}
