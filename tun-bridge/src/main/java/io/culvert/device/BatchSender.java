package io.culvert.device;

import io.culvert.linux.Abi;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.OutgoingMessages;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;

/*
 * Errors that are not about the packet. With IP_RECVERR or IPV6_RECVERR an ICMP error about anything
 * we sent is put on the error queue and also remembered as the socket's error, which the next send or
 * receive returns, once, without doing its work. So no error is believed the first time: the same
 * packet is tried again, and only a second failure is its own. ENOBUFS is the exception, it comes from
 * the queue of the link and never from ICMP; trying again would push where it is full.
 *
 * sendmmsg returns an error only about its first message; when a later one fails it returns how
 * many went before and forgets the error. The next call then starts at the failed one and meets the
 * error again.
 *
 * What does not fit into a raw socket, seen on 6.18:
 *
 *   larger than          DF   sendmmsg   error queue
 *   the link's MTU       any  EMSGSIZE   local origin, the link's MTU, nothing quoted
 *   the path MTU         1    EMSGSIZE   ICMP 3/4 from our own address, the path MTU, 548 bytes quoted
 *   the path MTU         0    sent       nothing: the kernel fragments
 *
 * Over IPv6 no packet is fragmented by routers or here: one larger than the path MTU is EMSGSIZE, with
 * ICMPv6 2/0 from our own address, the path MTU and 1232 bytes quoted.
 *
 * The second try at such a packet puts a second entry there; ICMPv6 may be limited to one. A neighbour
 * that does not answer ARP is no error of any send: the packet is queued, and ICMP 3/1 from our own
 * address follows.
 */

/** Sends messages by {@code sendmmsg} and says in the batch what became of those that failed. */
final class BatchSender {
    /** The most messages that are sent together. */
    static final int MESSAGES = 128;

    private final int fd;
    private final int[] slotOfMessage = new int[MESSAGES];

    BatchSender(int fd) {
        this.fd = fd;
    }

    /** Has a message that was described go on with its packet's tail, if that has one. */
    static void putTail(OutgoingMessages outgoing, int message, PacketBatch batch, int slot) {
        int tailBytes = batch.tailBytes(slot);
        if (tailBytes > 0) {
            long sourceAddress = batch.tailSource().slab().requireAddress();
            outgoing.tail(message, sourceAddress + batch.tailStart(slot), tailBytes);
        }
    }

    /** Says which packet a message is, to name it when it fails. */
    void message(int message, int slot) {
        slotOfMessage[message] = slot;
    }

    /** The packet that a message is. */
    int slot(int message) {
        return slotOfMessage[message];
    }

    /**
     * Sends or drops the messages in order.
     *
     * @param firstAddress where the kernel finds the first {@code mmsghdr}, with the others behind
     * @return how many, fewer than all when it would block
     */
    int send(PacketBatch batch, long firstAddress, int messages) {
        int done = 0;
        boolean hasFailed = false;
        while (done < messages) {
            int sent =
                    LibC.sendmmsg(
                            fd,
                            firstAddress + (long) done * Abi.MMSGHDR_BYTES,
                            messages - done,
                            LinuxSocket.MSG_DONTWAIT);
            if (sent > 0) {
                done += sent;
                hasFailed = false;
                continue;
            }
            int errno = LibC.errno();
            if (errno == Errno.EAGAIN) {
                return done;
            }
            if (hasFailed || errno == Errno.ENOBUFS) {
                batch.drop(slotOfMessage[done++], reasonFor(errno));
                hasFailed = false;
            } else {
                hasFailed = true;
            }
        }
        return done;
    }

    /** What an error of a send says about its packet, once it has come twice. */
    static DropReason reasonFor(int errno) {
        return switch (errno) {
            case Errno.ENOBUFS, Errno.ENOMEM -> DropReason.UNDERLAY_FULL;
            case Errno.EMSGSIZE -> DropReason.UNDERLAY_TOO_BIG;
            // EACCES is a route of type prohibit
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EACCES -> DropReason.NO_ROUTE;
            case Errno.ENETDOWN, Errno.ENXIO, Errno.ENODEV -> DropReason.UNDERLAY_DOWN;
            case Errno.EPERM -> DropReason.UNDERLAY_FORBIDDEN;
            default -> DropReason.UNDERLAY_REFUSED;
        };
    }
}
