package io.culvert.channel;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;

/** Makes the event loops that {@link FdChannel}s run on: one lane, one thread, one epoll. */
public final class LaneGroup {
    static {
        // Left to itself, Netty finds pcap4j's slf4j and loads it, at every start, for nothing.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    private LaneGroup() {}

    /**
     * Opens a group of a single lane, whose thread starts with its first channel.
     *
     * @param threadName how the thread is called in {@code top -H} and thread dumps
     * @param spinMicros how long the lane looks for events after the last one before it blocks, 0
     *     to block at once
     * @return the group; its owner ends it with {@link IoEventLoopGroup#shutdownGracefully()},
     *     which closes the channels, unless its quiet period is 0: then Netty may leave without
     *     that
     * @throws IllegalStateException when Netty's native epoll library cannot be loaded
     */
    public static IoEventLoopGroup open(String threadName, int spinMicros) {
        if (!Epoll.isAvailable()) {
            Throwable cause = Epoll.unavailabilityCause();
            throw new IllegalStateException(
                    "cannot start "
                            + threadName
                            + ": Netty's native epoll library did not load: "
                            + rootOf(cause)
                            + "; it needs Linux on x86_64 or aarch64 with glibc, and a directory it"
                            + " may run code from: try -Dio.netty.native.workdir=DIR",
                    cause);
        }
        return new MultiThreadIoEventLoopGroup(
                1,
                task -> {
                    Thread thread = new FastThreadLocalThread(task, threadName);
                    thread.setDaemon(true);
                    return thread;
                },
                EpollIoHandler.newFactory(0, () -> new SpinThenBlock(spinMicros)));
    }

    private static Throwable rootOf(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
