package io.culvert.control;

import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;
import io.culvert.netlink.IpsecPolicies;
import io.culvert.netlink.NetlinkEvent;
import io.culvert.netlink.RouteMonitor;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Waits for changes of links, addresses, routes and IPsec policies, and has them looked at.
 *
 * <p>A thread of its own: questions to the kernel take tens of microseconds each, and packets must
 * not wait for them.
 */
final class RouteWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("culvert");

    /** A routing daemon makes changes by the thousand; they are looked at together. */
    private static final int SETTLING_MILLIS = 50;

    private static final long SETTLING_NANOS = TimeUnit.MILLISECONDS.toNanos(SETTLING_MILLIS);

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int POLLFD_BYTES = 8; // poll.h: int fd, short events, short revents
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_REVENTS = 6;
    private static final short POLLIN = 1; // poll.h

    private final RouteMonitor monitor;
    private final IpsecPolicies ipsec; // null when nobody wants to hear of them
    private final Listener listener;
    private final Thread thread;
    private final int wakeReadFd;
    private final int wakeWriteFd;
    private final NativeMemory octet = NativeMemory.allocate(1);
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private volatile boolean isClosed;
    private boolean hasChanged;
    private boolean isChanged; // something is to be looked at
    private long changedNanos;
    private long settlingNanos = SETTLING_NANOS;
    private String complained = "";

    /** Follows what changes, on the watch's thread. */
    interface Listener {
        /** For {@link #tick}: nothing is due. */
        long NEVER = Long.MAX_VALUE;

        /** Hears of every event at once. */
        void heard(NetlinkEvent event);

        /**
         * Comes after changes, when they have settled; neighbours alone are none.
         *
         * @return false when not all could be looked at, so that it wants to be called again
         */
        boolean settled();

        /**
         * Does what is due; comes after every event, too.
         *
         * @return nanoseconds until something is due again, or {@link #NEVER}
         */
        long tick();
    }

    /**
     * @param ipsec whose changes are to be followed, as those of neighbours are then; the caller
     *     closes it, later than this. Or null to follow neither
     */
    RouteWatch(Listener listener, IpsecPolicies ipsec) {
        this.monitor = ipsec == null ? RouteMonitor.open() : RouteMonitor.openWithNeighbours();
        this.ipsec = ipsec;
        this.listener = listener;
        NativeMemory fds = NativeMemory.allocate(2 * Integer.BYTES);
        if (LibC.pipe2(fds.address(), 0) < 0) {
            int errno = LibC.errno();
            monitor.close();
            throw new LinuxException("cannot make a pipe", errno, "");
        }
        wakeReadFd = fds.bytes().getInt(0);
        wakeWriteFd = fds.bytes().getInt(Integer.BYTES);
        thread = new Thread(this::watch, "culvert-routes");
        thread.setDaemon(true);
    }

    /** Has the host looked at as it is now, and watches from then on. */
    void start() {
        // What waits are the changes of our own opening: a device that was down before it was up.
        monitor.drain(event -> {});
        isChanged = true;
        changedNanos = System.nanoTime() - SETTLING_NANOS;
        lookIfSettled(System.nanoTime());
        thread.start();
    }

    private void watch() {
        int[] fds = {monitor.fd(), wakeReadFd, ipsec == null ? -1 : ipsec.fd()};
        NativeMemory pollFds = NativeMemory.allocate(fds.length * POLLFD_BYTES);
        ByteBuffer bytes = pollFds.bytes();
        for (int i = 0; i < fds.length; i++) {
            bytes.putInt(i * POLLFD_BYTES, fds[i]); // poll leaves out what is negative
            bytes.putShort(i * POLLFD_BYTES + POLLFD_EVENTS, POLLIN);
        }
        while (!isClosed) {
            try {
                long dueNanos = listener.tick();
                long waitNanos = isChanged ? Math.min(dueNanos, settlingNanos) : dueNanos;
                LibC.poll(pollFds.address(), fds.length, timeoutMillis(waitNanos));
                takeWakeUps(bytes);
                boolean hasChanged = drain();
                long now = System.nanoTime();
                if (hasChanged && !isChanged) {
                    begin(now, SETTLING_NANOS);
                } else {
                    lookIfSettled(now);
                }
            } catch (RuntimeException e) { // or all tunnels would follow the host no more
                complain(e);
                begin(System.nanoTime(), RETRY_NANOS);
                LibC.poll(
                        pollFds.address() + POLLFD_BYTES, 1, timeoutMillis(RETRY_NANOS)); // to wake
            }
        }
    }

    private void takeWakeUps(ByteBuffer pollFds) {
        if ((pollFds.getShort(POLLFD_BYTES + POLLFD_REVENTS) & POLLIN) != 0) {
            isWoken.set(false);
            LibC.read(wakeReadFd, octet.address(), 1);
        }
    }

    private void begin(long nowNanos, long nanos) {
        isChanged = true;
        changedNanos = nowNanos;
        settlingNanos = nanos;
    }

    private void lookIfSettled(long nowNanos) {
        if (isChanged && nowNanos - changedNanos >= settlingNanos) {
            isChanged = false;
            boolean isComplete = false;
            try {
                isComplete = listener.settled();
                complained = isComplete ? "" : complained;
            } catch (RuntimeException e) {
                complain(e);
            }
            if (!isComplete) {
                begin(nowNanos, RETRY_NANOS);
            }
        }
    }

    /** One line, however often it fails in the same way. */
    private void complain(RuntimeException e) {
        if (!complained.equals(String.valueOf(e.getMessage()))) {
            complained = String.valueOf(e.getMessage());
            LOG.log(
                    System.Logger.Level.INFO,
                    "cannot follow this host's devices and routes, trying again: " + complained);
        }
    }

    /** Milliseconds for poll(2), where -1 is without end. */
    private static int timeoutMillis(long waitNanos) {
        // rounded up: to be early would be to ask again and again until it is time
        return waitNanos == Listener.NEVER
                ? -1
                : (int) TimeUnit.NANOSECONDS.toMillis(waitNanos + 999_999);
    }

    /** Hands on what waits; whether anything but neighbours changed. */
    private boolean drain() {
        hasChanged = ipsec != null && ipsec.haveChanged();
        monitor.drain(
                event -> {
                    hasChanged |= !(event instanceof NetlinkEvent.NeighbourChanged);
                    listener.heard(event);
                });
        return hasChanged;
    }

    /** Has {@link Listener#tick} called soon; any thread, until the watch is closed. */
    void wake() {
        if (!isWoken.getAndSet(true)) { // one octet waits at most, so that writing never does
            LibC.write(wakeWriteFd, octet.address(), 1);
        }
    }

    /** Stops watching; when it returns, no change is being looked at any more. */
    @Override
    public void close() {
        isClosed = true;
        LibC.write(wakeWriteFd, octet.address(), 1);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        monitor.close();
        LibC.close(wakeReadFd);
        LibC.close(wakeWriteFd);
    }
}
