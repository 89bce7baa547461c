package io.culvert.device;

import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/*
 * What the kernel does, seen on 6.18: a device has several queues only if it was made with
 * IFF_MULTI_QUEUE, and then each TUNSETIFF with it adds one, from any process -- where a device of
 * one queue would answer EBUSY. IFF_TUN_EXCL makes it answer EBUSY when there is such a device at
 * all. A device that is not persistent is there only as long as somebody holds it.
 *
 * A packet leaves by the queue that the last packet of its flow was written to; before there was
 * one, or a few seconds after, by one that its hash chooses.
 */

/** Opens the queues of one TUN device, one for each lane. */
final class TunQueues {
    private static final int IFF_MULTI_QUEUE = 0x0100; // linux/if_tun.h
    private static final int IFF_TUN_EXCL = 0x8000; // linux/if_tun.h

    private TunQueues() {}

    /**
     * Makes a TUN device of several queues, or attaches to the persistent one of that name.
     *
     * @param isEthernet whether it is a TAP device
     * @return as many as wanted; a single one where there is a device that was made for one
     * @throws LinuxException when it cannot be had
     */
    static List<TunQueue> open(String name, Offload choice, int wanted, boolean isEthernet) {
        int type = isEthernet ? TunQueue.IFF_TAP : TunQueue.IFF_TUN;
        return wanted == 1
                ? List.of(openOne(name, choice, type))
                : firstThatFits(
                        () -> openSeveral(name, choice, wanted, type),
                        () -> List.of(TunQueue.open(name, choice, type)));
    }

    /** One queue, also of a persistent device that was made for several. */
    private static TunQueue openOne(String name, Offload choice, int type) {
        return firstThatFits(
                () -> TunQueue.open(name, choice, type),
                () -> requirePersistent(TunQueue.open(name, choice, type | IFF_MULTI_QUEUE)));
    }

    /**
     * The kernel's word for "made for one queue and asked for several", and the reverse, is EINVAL.
     * What is wrong with more than that is met, and told, by the second attempt.
     */
    private static <T> T firstThatFits(Supplier<T> first, Supplier<T> second) {
        try {
            return first.get();
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            return second.get();
        }
    }

    private static List<TunQueue> openSeveral(String name, Offload choice, int wanted, int type) {
        List<TunQueue> queues = new ArrayList<>();
        try {
            TunQueue first = openFirst(name, choice, type);
            queues.add(first);
            Offload agreed = first.offloads().isOn() ? Offload.ON : Offload.OFF;
            while (queues.size() < wanted) {
                queues.add(TunQueue.open(first.name(), agreed, type | IFF_MULTI_QUEUE));
            }
            return queues;
        } catch (LinuxException e) {
            queues.forEach(TunQueue::close);
            throw e;
        }
    }

    private static TunQueue openFirst(String name, Offload choice, int type) {
        try {
            return TunQueue.open(name, choice, type | IFF_MULTI_QUEUE | IFF_TUN_EXCL);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
        }
        return requirePersistent(TunQueue.open(name, choice, type | IFF_MULTI_QUEUE));
    }

    /** One that is there only as long as somebody holds it is that somebody's. */
    private static TunQueue requirePersistent(TunQueue existing) {
        if (!existing.isPersistent()) {
            existing.close();
            throw TunQueue.isHeld(existing.name());
        }
        return existing;
    }
}
