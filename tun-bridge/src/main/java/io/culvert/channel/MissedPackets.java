package io.culvert.channel;

import io.culvert.device.RawIpSocket;
import io.culvert.device.SentinelSocket;
import java.util.List;

/*
 * Problem: how many packets of a protocol were lost because a lane's receive buffer was full? A
 * socket's own counter tells for one lane. With several it also has the other lanes' packets that
 * came while it was full: the kernel looks at the buffer before it asks the filter (seen on 6.18).
 *
 * Layout: what arrived, as the sentinel counts it, less what the lanes have read, less what waits in
 * their buffers. The last is known in bytes only, so it is taken for as many packets as it could be:
 * the result is a lower bound while packets wait, and exact when none does. It counts only if some
 * socket has found its buffer full at all, and is never more than they say. Packets that came while
 * the sockets were being opened are in one of the numbers and not in the other; as long as no buffer
 * was full, what is left over is set off. Where the sentinel may not count, the sockets' own numbers
 * are taken, which are too high.
 */

/** The packets of one protocol that the lanes' full receive buffers have lost. Any thread. */
final class MissedPackets implements AutoCloseable {
    /** The kernel's own overhead alone is more. */
    private static final int LEAST_BYTES_PER_PACKET = 512;

    private static final int MOST_ATTEMPTS = 100;

    private final List<RawIpSocket> sockets;
    private final SentinelSocket sentinel;
    private final long[] full;
    private long missed;
    private long setOff;
    private long lastFull;
    private boolean isExact = true;
    private boolean isClosed;

    /**
     * @param sentinel of the same protocol; it counts where there are several sockets
     * @param sockets by the lanes' indices
     */
    MissedPackets(SentinelSocket sentinel, List<RawIpSocket> sockets) {
        this.sentinel = sentinel;
        this.sockets = List.copyOf(sockets);
        this.full = new long[sockets.size()];
    }

    /** Adds each lane's packets to its place. */
    synchronized void addTo(long[] missedByLane) {
        if (sockets.size() == 1 || sentinel.arrivedPackets() < 0) {
            for (int lane = 0; lane < full.length; lane++) {
                missedByLane[lane] += sockets.get(lane).receiveDrops();
            }
            return;
        }
        if (!isClosed) {
            update();
        }
        // nobody knows whose they were: each lane's share is as its buffer was full
        long left = missed;
        long fullLeft = lastFull;
        for (int lane = 0; lane < full.length && fullLeft > 0; lane++) {
            long share = Math.round((double) left * full[lane] / fullLeft);
            missedByLane[lane] += share;
            left -= share;
            fullLeft -= full[lane];
        }
    }

    private void update() {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            long before = readState();
            long arrived = sentinel.arrivedPackets();
            long waiting = waitingAtMost();
            long fullNow = 0;
            for (int lane = 0; lane < full.length; lane++) {
                full[lane] = sockets.get(lane).receiveDrops();
                fullNow += full[lane];
            }
            if (before >= 0 && readState() == before) {
                update(arrived - before / 2, waiting, fullNow);
                return;
            }
            Thread.onSpinWait();
        }
    }

    private void update(long unread, long waiting, long fullNow) {
        if (isExact && fullNow == lastFull) {
            setOff = waiting == 0 ? unread - missed : setOff;
        } else {
            long most = Math.min(fullNow, unread - setOff - waiting);
            missed = Math.max(missed, most);
            isExact = waiting == 0;
        }
        lastFull = fullNow;
    }

    /** The sockets' states added up; -1 when one is being read. */
    private long readState() {
        long sum = 0;
        for (RawIpSocket socket : sockets) {
            long state = socket.readState();
            if ((state & 1) != 0) {
                return -1;
            }
            sum += state;
        }
        return sum;
    }

    private long waitingAtMost() {
        long packets = 0;
        for (RawIpSocket socket : sockets) {
            packets +=
                    (socket.waitingBytes() + LEAST_BYTES_PER_PACKET - 1) / LEAST_BYTES_PER_PACKET;
        }
        return packets;
    }

    /** Counts a last time, while the sockets are still open. */
    @Override
    public synchronized void close() {
        if (!isClosed) {
            update();
            isClosed = true;
        }
    }
}
