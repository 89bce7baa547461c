package io.culvert.channel;

import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;

/** The far end of a {@link FakeDevice}: sends packets that carry a number, and receives them. */
final class Peer implements AutoCloseable {
    /** What {@link #receive} returns when nothing came. */
    static final long NOTHING = -1;

    private static final short POLLIN = 1; // asm-generic/poll.h
    private static final short POLLOUT = 4;
    static final int PACKET_BYTES = 100;

    private final int fd;
    private final NativeMemory packet = NativeMemory.allocate(PACKET_BYTES);
    private final NativeMemory pollfd = NativeMemory.allocate(8);
    private boolean isClosed;

    Peer(int fd) {
        this.fd = fd;
    }

    /** Sends a packet that says its number; false when the queue stays full for so long. */
    boolean send(long number, int patienceMillis) {
        packet.bytes().putLong(0, number);
        boolean isSent = trySend();
        for (boolean isReady = true; !isSent && isReady; isSent = trySend()) {
            isReady = isReady(POLLOUT, patienceMillis);
        }
        return isSent;
    }

    // Asked once more after poll gave up: it calls a queue ready only when three quarters are free.
    private boolean trySend() {
        if (LibC.send(fd, packet.address(), PACKET_BYTES, 0) == PACKET_BYTES) {
            return true;
        }
        if (LibC.errno() != Errno.EAGAIN) {
            throw new LinuxException("cannot send to the device", LibC.errno(), "");
        }
        return false;
    }

    /** Sends packets with consecutive numbers until the far side takes no more. */
    long sendUntilStuck(long firstNumber) {
        long number = firstNumber;
        while (send(number, 50)) {
            number++;
        }
        return number - firstNumber;
    }

    /** The next packet's number, or {@link #NOTHING} when none comes for so long. */
    long receive(int patienceMillis) {
        while (LibC.recv(fd, packet.address(), PACKET_BYTES, 0) != PACKET_BYTES) {
            if (!isReady(POLLIN, patienceMillis)) {
                return NOTHING;
            }
        }
        return packet.bytes().getLong(0);
    }

    /** Ends the connection, of which the kernel tells the device's end as an error. */
    void breakOff() {
        NativeMemory nobody = NativeMemory.allocate(Short.BYTES); // AF_UNSPEC
        if (LibC.connect(fd, nobody.address(), Short.BYTES) < 0) {
            throw new LinuxException("cannot disconnect a socket", LibC.errno(), "");
        }
    }

    private boolean isReady(short events, int timeoutMillis) {
        pollfd.bytes().putInt(0, fd).putShort(4, events).putShort(6, (short) 0);
        return LibC.poll(pollfd.address(), 1, timeoutMillis) > 0;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            LibC.close(fd);
        }
    }
}
