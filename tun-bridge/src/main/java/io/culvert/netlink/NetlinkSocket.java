package io.culvert.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A socket of rtnetlink or of IPsec's netlink, in the network namespace of the thread that opens
 * it.
 *
 * <p>Non-blocking underneath; {@link #ask} waits, {@link #receive} does not. One thread at a time.
 */
final class NetlinkSocket implements AutoCloseable {
    /** Twice the most that the kernel puts into one datagram of a dump (af_netlink.c). */
    private static final int RECEIVE_BYTES = 64 * 1024;

    private static final int SEND_BYTES = 1024;

    /** Far beyond what a kernel that answers takes, so that a hang becomes an error. */
    private static final long ANSWER_TIMEOUT_MILLIS = 5_000;

    /** How often a dump is begun again because the list changed while it was read. */
    private static final int DUMP_ATTEMPTS = 5;

    // struct sockaddr_nl, linux/netlink.h: u16 family, u16 padding, u32 port, u32 groups
    private static final int ADDRESS_LENGTH = 12;
    private static final int ADDRESS_PORT = 4;
    // struct pollfd, poll.h: int fd, short events, short revents
    private static final int POLLFD_LENGTH = 8;
    private static final int POLLFD_EVENTS = 4;

    private final int fd;
    private final NativeMemory sendMemory = NativeMemory.allocate(SEND_BYTES);
    private final NativeMemory receiveMemory = NativeMemory.allocate(RECEIVE_BYTES);
    private final NativeMemory sender = NativeMemory.allocate(ADDRESS_LENGTH);
    private final NativeMemory senderLength = NativeMemory.allocate(Integer.BYTES);
    private final NativeMemory pollfd = NativeMemory.allocate(POLLFD_LENGTH);
    private boolean isOpen = true;
    private int sequence;

    private NetlinkSocket(int fd) {
        this.fd = fd;
        pollfd.bytes().putInt(0, fd).putShort(POLLFD_EVENTS, (short) Rtnetlink.POLLIN);
    }

    /**
     * Opens a socket that also hears what happens in the groups.
     *
     * @param groups RTNLGRP_*; none for a socket that only asks
     * @throws LinuxException when there can be none, or a group cannot be joined
     */
    static NetlinkSocket open(int... groups) {
        return open(Rtnetlink.NETLINK_ROUTE, "routes", groups);
    }

    /**
     * As {@link #open}, for IPsec.
     *
     * @param groups XFRMNLGRP_*
     * @throws LinuxException EPROTONOSUPPORT when the kernel has no IPsec
     */
    static NetlinkSocket openForIpsec(int... groups) {
        return open(Xfrm.NETLINK_XFRM, "IPsec", groups);
    }

    private static NetlinkSocket open(int protocol, String subject, int... groups) {
        int type = Rtnetlink.SOCK_RAW | Rtnetlink.SOCK_NONBLOCK | Rtnetlink.SOCK_CLOEXEC;
        int fd = LibC.socket(Rtnetlink.AF_NETLINK, type, protocol);
        if (fd < 0) {
            throw new LinuxException(
                    "cannot open a netlink socket for " + subject, LibC.errno(), "");
        }
        NetlinkSocket socket = new NetlinkSocket(fd);
        try {
            socket.prepare(subject, groups);
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    private void prepare(String subject, int... groups) {
        // Before Linux 4.12 there is no EXT_ACK: errors then come without a sentence.
        setOption(Rtnetlink.NETLINK_EXT_ACK, 1);
        setOption(Rtnetlink.NETLINK_CAP_ACK, 1);
        NativeMemory any = NativeMemory.allocate(ADDRESS_LENGTH);
        any.bytes().putShort(0, (short) Rtnetlink.AF_NETLINK);
        if (LibC.bind(fd, any.address(), ADDRESS_LENGTH) < 0) {
            throw new LinuxException(
                    "cannot bind a netlink socket for " + subject, LibC.errno(), "");
        }
        for (int group : groups) {
            int errno = setOption(Rtnetlink.NETLINK_ADD_MEMBERSHIP, group);
            if (errno != 0) {
                throw new LinuxException(
                        "cannot join netlink group " + group + " of " + subject, errno, "");
            }
        }
    }

    private int setOption(int option, int value) {
        NativeMemory memory = NativeMemory.ofInt(value);
        int result =
                LibC.setsockopt(fd, Rtnetlink.SOL_NETLINK, option, memory.address(), Integer.BYTES);
        return result < 0 ? LibC.errno() : 0;
    }

    int fd() {
        return fd;
    }

    /**
     * Sends a request and waits for all of its answer. A dump is begun again when the kernel says
     * that what it lists changed meanwhile.
     *
     * @param what what is tried and on what, should the socket itself fail
     * @throws LinuxException when the socket fails or the kernel does not answer in time; what the
     *     kernel refuses is in the reply
     */
    NetlinkReply ask(NetlinkRequest request, String what) {
        NetlinkReply reply = askOnce(request, what);
        for (int i = 1; i < DUMP_ATTEMPTS && wasInterrupted(reply); i++) {
            reply = askOnce(request, what);
        }
        return reply;
    }

    private static boolean wasInterrupted(NetlinkReply reply) {
        return reply.messages().stream()
                .anyMatch(message -> (message.flags() & Rtnetlink.NLM_F_DUMP_INTR) != 0);
    }

    private NetlinkReply askOnce(NetlinkRequest request, String what) {
        long deadlineNanos =
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWER_TIMEOUT_MILLIS);
        send(request.bytes(++sequence), what);
        List<NetlinkMessage> answer = new ArrayList<>();
        while (true) {
            awaitReadable(deadlineNanos, what);
            for (NetlinkMessage message : messages(what)) {
                if (message.sequence() != sequence) {
                    continue; // the rest of an answer that came too late
                }
                int type = message.type();
                if (type == Rtnetlink.NLMSG_ERROR || type == Rtnetlink.NLMSG_DONE) {
                    return NetlinkReply.ended(answer, message);
                }
                answer.add(message);
            }
        }
    }

    private void send(byte[] request, String what) {
        sendMemory.bytes().put(0, request);
        long sent;
        do {
            sent = LibC.send(fd, sendMemory.address(), request.length, 0);
        } while (sent < 0 && LibC.errno() == Errno.EINTR);
        if (sent < 0) {
            throw new LinuxException(what, LibC.errno(), "");
        }
    }

    private void awaitReadable(long deadlineNanos, String what) {
        int ready;
        do {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (leftMillis <= 0) {
                throw new LinuxException(what, Errno.ETIMEDOUT, "the kernel did not answer");
            }
            ready = LibC.poll(pollfd.address(), 1, (int) leftMillis);
        } while (ready == 0 || (ready < 0 && LibC.errno() == Errno.EINTR));
        if (ready < 0) {
            throw new LinuxException(what, LibC.errno(), "");
        }
    }

    private List<NetlinkMessage> messages(String what) {
        List<NetlinkMessage> received = new ArrayList<>();
        int errno = receive(received);
        if (errno != 0 && errno != Errno.EAGAIN) {
            throw new LinuxException(what, errno, "");
        }
        return received;
    }

    /**
     * Appends the messages of one datagram, without waiting. A datagram that another process sent
     * is left out: only port 0 is the kernel.
     *
     * @return 0, or why there is none: EAGAIN when none waits, ENOBUFS when some were lost
     */
    int receive(List<NetlinkMessage> messages) {
        senderLength.bytes().putInt(0, ADDRESS_LENGTH);
        long received;
        do {
            received =
                    LibC.recvfrom(
                            fd,
                            receiveMemory.address(),
                            RECEIVE_BYTES,
                            Rtnetlink.MSG_TRUNC,
                            sender.address(),
                            senderLength.address());
        } while (received < 0 && LibC.errno() == Errno.EINTR);
        if (received < 0) {
            return LibC.errno();
        }
        if (received > RECEIVE_BYTES) {
            return Errno.EMSGSIZE;
        }
        if (sender.bytes().getInt(ADDRESS_PORT) == 0) {
            // A copy, because the messages outlive this memory's next use.
            byte[] datagram = new byte[(int) received];
            receiveMemory.bytes().get(0, datagram);
            messages.addAll(
                    NetlinkMessage.split(ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder())));
        }
        return 0;
    }

    @Override
    public void close() {
        if (isOpen) {
            isOpen = false;
            LibC.close(fd);
        }
    }
}
