package io.culvert.endtoend.load;

import io.culvert.linux.IncomingMessages;
import io.culvert.linux.LibC;
import io.culvert.linux.NativeMemory;
import java.net.InetAddress;

/** Counts datagrams, received by {@code recvmmsg}. */
final class DatagramSink implements AutoCloseable {
    private static final int MOST_AT_ONCE = 128;
    private static final int STRIDE_BYTES = 128;
    private static final int LOOK_UP_MILLIS = 20;

    // struct pollfd -- poll.h
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_BYTES = 8;
    private static final short POLLIN = 1;

    private final UdpSocket socket;
    private final NativeMemory payloads = NativeMemory.allocate(MOST_AT_ONCE * STRIDE_BYTES);
    private final IncomingMessages messages = new IncomingMessages(MOST_AT_ONCE);
    private final NativeMemory pollfd = NativeMemory.allocate(POLLFD_BYTES);
    private volatile boolean isEnding;

    private DatagramSink(UdpSocket socket) {
        this.socket = socket;
        messages.aim(payloads.address(), STRIDE_BYTES, STRIDE_BYTES);
        pollfd.bytes().putInt(0, socket.fd()).putShort(POLLFD_EVENTS, POLLIN);
    }

    static DatagramSink open(InetAddress local, int port) {
        return new DatagramSink(UdpSocket.bound(local, port));
    }

    /** Receives until {@link #end}; how many there were. */
    long countUntilEnd() {
        long count = 0;
        while (true) {
            // Asked before looking: what arrived before the end is counted.
            boolean wasEnding = isEnding;
            int received = LibC.recvmmsg(socket.fd(), messages.address(0), MOST_AT_ONCE, 0, 0);
            if (received > 0) {
                count += received;
            } else if (wasEnding) {
                return count;
            } else {
                LibC.poll(pollfd.address(), 1, LOOK_UP_MILLIS);
            }
        }
    }

    /** Lets the count come to its end; any thread. */
    void end() {
        isEnding = true;
    }

    @Override
    public void close() {
        socket.close();
    }
}
