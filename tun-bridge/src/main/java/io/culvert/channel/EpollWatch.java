package io.culvert.channel;

import io.netty.channel.EventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;
import java.util.concurrent.TimeUnit;

/**
 * What epoll is asked to tell about a descriptor, level-triggered, and what it told.
 *
 * <p>epoll reports an error whether it was asked to or not, and as often as it is waited for. So
 * after some reports that led to nothing, the watch asks for news only, for a moment: then neither
 * the lane spins, nor is an error forgotten that can be taken away later. Lane thread.
 */
final class EpollWatch {
    private static final EpollIoOps READ = EpollIoOps.EPOLLIN;
    private static final EpollIoOps WRITE = EpollIoOps.EPOLLOUT;
    private static final EpollIoOps READ_AND_WRITE = READ.with(WRITE);
    // Netty's NONE would take the descriptor out of epoll, and then fail to put it back.
    private static final EpollIoOps ERRORS_ONLY = EpollIoOps.EPOLLERR;
    private static final EpollIoOps NEWS_OF_ERRORS = EpollIoOps.EPOLLET;
    private static final int EPOLLHUP = 0x10; // linux/eventpoll.h

    private static final int MOST_FRUITLESS_REPORTS = 8;
    private static final long PAUSE_MILLIS = 10;

    private IoRegistration registration;
    private EpollIoOps wanted = ERRORS_ONLY;
    private EpollIoOps asked;
    private int fruitlessReports;
    private boolean isPausing;

    /** Begins to ask. */
    void attach(IoRegistration toEpoll) {
        registration = toEpoll;
        ask();
    }

    /** Ends it; what is wanted is remembered for the next registration. */
    void detach() {
        IoRegistration ended = registration;
        registration = null;
        asked = null;
        if (ended != null) {
            ended.cancel();
        }
    }

    /** Says what is wanted from now on; a system call only if that is new. */
    void want(boolean reads, boolean writes) {
        if (writes) {
            wanted = reads ? READ_AND_WRITE : WRITE;
        } else {
            wanted = reads ? READ : ERRORS_ONLY;
        }
        ask();
    }

    /** Says whether a report of an error led to anything. */
    void errorWasReported(boolean isFruitful, EventLoop lane) {
        fruitlessReports = isFruitful ? 0 : fruitlessReports + 1;
        if (fruitlessReports >= MOST_FRUITLESS_REPORTS && !isPausing) {
            fruitlessReports = 0;
            isPausing = true;
            lane.schedule(this::endPause, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void endPause() {
        isPausing = false;
        ask();
    }

    private void ask() {
        EpollIoOps now = isPausing ? NEWS_OF_ERRORS : wanted;
        if (registration != null && !now.equals(asked)) {
            asked = now;
            registration.submit(now);
        }
    }

    static boolean isReadable(EpollIoOps told) {
        return told.contains(READ);
    }

    static boolean isWritable(EpollIoOps told) {
        return told.contains(WRITE);
    }

    static boolean isError(EpollIoOps told) {
        return (told.value() & (EpollIoOps.EPOLLERR.value() | EPOLLHUP)) != 0;
    }
}
