package io.culvert.device;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.Errno;
import io.culvert.linux.IncomingMessages;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.OutgoingMessages;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.wire.Ipv4Header;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/*
 * Errors that are not about the packet. With IP_RECVERR an ICMP error about anything we sent is put
 * on the error queue and also remembered as the socket's error, which the next send or receive
 * returns, once, without doing its work. So no error is believed the first time: the same packet is
 * tried again, and only a second failure is its own. ENOBUFS is the exception, it comes from the
 * queue of the link and never from ICMP; trying again would push where it is full.
 *
 * sendmmsg returns an error only about its first message; when a later one fails it returns how
 * many went before and forgets the error. The next call then starts at the failed one and meets the
 * error again.
 *
 * What does not fit, seen on 6.18:
 *
 *   larger than          DF   sendmmsg   error queue
 *   the link's MTU       any  EMSGSIZE   local origin, the link's MTU, nothing quoted
 *   the path MTU         1    EMSGSIZE   ICMP 3/4 from our own address, the path MTU, 548 bytes quoted
 *   the path MTU         0    sent       nothing: the kernel fragments
 *
 * The second try at such a packet puts a second entry there. A neighbour that does not answer ARP
 * is no error of any send: the packet is queued, and ICMP 3/1 from our own address follows.
 */

/**
 * The IPv4 underlay: a raw socket that receives every packet of one protocol that reaches this
 * host, and sends whole outer packets (IP_HDRINCL).
 *
 * <p>Sent packets carry their own IPv4 header; the destination is read from it. The kernel fills
 * the total length and the header checksum, the source when it is 0.0.0.0 and the identification
 * when it is 0, and never splits a packet that exceeds the link's MTU. Received packets start at
 * the outer IPv4 header and are reassembled already. Confined to its lane's thread.
 */
public final class RawIpSocket implements Underlay {
    private static final System.Logger LOG = System.getLogger(RawIpSocket.class.getName());

    private static final int MESSAGES_PER_SEND = 128;
    private static final int MAX_RECEIVE_ATTEMPTS = 3;

    private final LinuxSocket socket;
    private final int fd;
    private final int receiveBufferBytes;
    private final ErrorQueue errorQueue;
    private final IncomingMessages incoming;
    private final OutgoingMessages outgoing;
    private final int[] slotOfMessage = new int[MESSAGES_PER_SEND];
    private final SocketMemory memory;
    private final AtomicLong readState = new AtomicLong();
    private int[] linkOfTunnel = new int[0];

    private RawIpSocket(
            LinuxSocket socket,
            int receiveBufferBytes,
            int batchSlots,
            OutgoingMessages.Addressing addressing) {
        this.socket = socket;
        this.fd = socket.fd();
        this.receiveBufferBytes = receiveBufferBytes;
        this.errorQueue = new ErrorQueue(fd);
        this.memory = new SocketMemory(fd);
        this.incoming = new IncomingMessages(batchSlots);
        this.outgoing = new OutgoingMessages(MESSAGES_PER_SEND, addressing);
    }

    /** One over an end of a local pair, which sends to the other end whatever the header says. */
    static RawIpSocket overLocal(LinuxSocket socket) {
        int bufferBytes = socket.option(LinuxSocket.SOL_SOCKET, LinuxSocket.SO_RCVBUF, "SO_RCVBUF");
        return new RawIpSocket(
                socket,
                bufferBytes,
                RawIpOptions.DEFAULTS.batchSlots(),
                OutgoingMessages.Addressing.CONNECTED);
    }

    /**
     * Opens a socket for all packets of a protocol.
     *
     * @see #open(int, RawIpOptions, FlowSplit)
     */
    public static RawIpSocket open(int protocol, RawIpOptions options) {
        return open(protocol, options, FlowSplit.NONE);
    }

    /**
     * Opens the socket, bound to no address: it receives the protocol's packets for all of them.
     *
     * @param protocol IP protocol number, such as 47 for GRE
     * @param split which of the packets it receives
     * @throws io.culvert.linux.LinuxException when the kernel refuses it, saying what to do
     */
    public static RawIpSocket open(int protocol, RawIpOptions options, FlowSplit split) {
        AbiProbe.check();
        LinuxSocket socket =
                LinuxSocket.open(
                        LinuxSocket.AF_INET,
                        LinuxSocket.SOCK_RAW,
                        protocol,
                        "raw socket for protocol " + protocol);
        try {
            socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_HDRINCL, 1, "IP_HDRINCL");
            socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_RECVERR, 1, "IP_RECVERR");
            if (options.recordsLink()) {
                socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_PKTINFO, 1, "IP_PKTINFO");
            }
            if (!socket.tryOption(
                    LinuxSocket.SOL_SOCKET,
                    LinuxSocket.SO_SNDBUFFORCE,
                    options.sendBufferBytes())) {
                socket.option(
                        LinuxSocket.SOL_SOCKET,
                        LinuxSocket.SO_SNDBUF,
                        options.sendBufferBytes(),
                        "SO_SNDBUF");
            }
            if (split.isNeeded()) {
                socket.attachFilter(split.filter(protocol));
                // What came in between may be another lane's, too.
                SentinelSocket.discardWaiting(socket.fd());
            }
            int received = growReceiveBuffer(socket, options.receiveBufferBytes());
            return new RawIpSocket(
                    socket, received, options.batchSlots(), OutgoingMessages.Addressing.BY_MESSAGE);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Without CAP_NET_ADMIN the system's limit holds, which is 208 KiB unless somebody raised it.
     */
    private static int growReceiveBuffer(LinuxSocket socket, int wantedBytes) {
        int level = LinuxSocket.SOL_SOCKET;
        if (!socket.tryOption(level, LinuxSocket.SO_RCVBUFFORCE, wantedBytes)) {
            socket.option(level, LinuxSocket.SO_RCVBUF, wantedBytes, "SO_RCVBUF");
        }
        // The kernel doubles what is asked, for its overhead, and reports the double.
        int gotBytes = socket.option(level, LinuxSocket.SO_RCVBUF, "SO_RCVBUF") / 2;
        if (gotBytes < wantedBytes) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "the {0} can hold {1} bytes, not {2}: bursts may be lost; grant CAP_NET_ADMIN"
                            + " or raise net.core.rmem_max",
                    socket,
                    Integer.toString(gotBytes),
                    Integer.toString(wantedBytes));
        }
        return gotBytes;
    }

    @Override
    public int fd() {
        return fd;
    }

    /** Bytes of the receive buffer that were granted, in the unit in which they were asked for. */
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /** The errors about packets that this socket sent. Drain it when epoll reports EPOLLERR. */
    public ErrorQueue errorQueue() {
        return errorQueue;
    }

    @Override
    public void boundLink(int tunnelIndex, int interfaceIndex) {
        if (tunnelIndex >= linkOfTunnel.length) {
            linkOfTunnel = Arrays.copyOf(linkOfTunnel, Math.max(16, 2 * tunnelIndex));
        }
        linkOfTunnel[tunnelIndex] = interfaceIndex;
    }

    @Override
    public int readBatch(PacketBatch batch) {
        PacketSlab slab = batch.slab();
        int first = batch.size();
        int room = Math.min(slab.slots(), incoming.capacity()) - first;
        if (room <= 0) {
            return 0;
        }
        incoming.aim(
                slab.requireAddress() + slab.packetAt(0), slab.strideBytes(), slab.slotBytes());
        long readBefore = readState.getPlain();
        readState.set(readBefore + 1);
        int received = receive(first, room);
        readState.set(readBefore + 2L * received);
        for (int slot = first; slot < first + received; slot++) {
            batch.append(incoming.lengthBytes(slot));
            batch.link(slot, incoming.takeArrivalLink(slot));
        }
        return received;
    }

    private int receive(int first, int room) {
        for (int attempt = 0; attempt < MAX_RECEIVE_ATTEMPTS; attempt++) {
            int received =
                    LibC.recvmmsg(fd, incoming.address(first), room, LinuxSocket.MSG_DONTWAIT, 0);
            if (received >= 0) {
                return received;
            }
            if (LibC.errno() == Errno.EAGAIN) {
                return 0;
            }
        }
        return 0;
    }

    @Override
    public int writeBatch(PacketBatch batch, int fromSlot) {
        long memoryAddress = batch.slab().requireAddress();
        int size = batch.size();
        int slot = fromSlot;
        while (slot < size) {
            int messages = 0;
            for (; slot < size && messages < MESSAGES_PER_SEND; slot++) {
                if (batch.isLive(slot)) {
                    put(messages, batch, slot, memoryAddress);
                    slotOfMessage[messages++] = slot;
                }
            }
            int done = send(batch, messages);
            if (done < messages) {
                return slotOfMessage[done];
            }
        }
        return size;
    }

    private void put(int message, PacketBatch batch, int slot, long memoryAddress) {
        int start = batch.start(slot);
        int tunnel = batch.tunnel(slot);
        outgoing.put(
                message,
                memoryAddress + start,
                batch.lengthBytes(slot),
                Ipv4Header.destination(batch.memory(), start),
                tunnel >= 0 && tunnel < linkOfTunnel.length ? linkOfTunnel[tunnel] : 0);
        int tailBytes = batch.tailBytes(slot);
        if (tailBytes > 0) {
            long sourceAddress = batch.tailSource().slab().requireAddress();
            outgoing.tail(message, sourceAddress + batch.tailStart(slot), tailBytes);
        }
    }

    /**
     * Sends or drops the messages in order; returns how many, fewer than all when it would block.
     */
    private int send(PacketBatch batch, int messages) {
        int done = 0;
        boolean hasFailed = false;
        while (done < messages) {
            int sent =
                    LibC.sendmmsg(
                            fd, outgoing.address(done), messages - done, LinuxSocket.MSG_DONTWAIT);
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

    private static DropReason reasonFor(int errno) {
        return switch (errno) {
            case Errno.ENOBUFS, Errno.ENOMEM -> DropReason.UNDERLAY_FULL;
            case Errno.EMSGSIZE -> DropReason.UNDERLAY_TOO_BIG;
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH -> DropReason.NO_ROUTE;
            case Errno.ENETDOWN, Errno.ENXIO, Errno.ENODEV -> DropReason.UNDERLAY_DOWN;
            case Errno.EPERM, Errno.EACCES -> DropReason.UNDERLAY_FORBIDDEN;
            default -> DropReason.UNDERLAY_REFUSED;
        };
    }

    /**
     * Packets that found this socket's receive buffer full, since it was opened; any thread, and
     * also when it is closed.
     *
     * <p>With a {@link FlowSplit} other lanes' packets may be among them: kernels of our time look
     * at the buffer first and ask the filter then.
     */
    public long receiveDrops() {
        return memory.drops();
    }

    /** Bytes of the receive buffer that waiting packets take; any thread. */
    public long waitingBytes() {
        return memory.waitingBytes();
    }

    /**
     * Twice the packets that were read since the socket was opened, and 1 more while it is being
     * read; any thread. Two equal even values say that nothing was read in between.
     */
    public long readState() {
        return readState.get();
    }

    @Override
    public void close() {
        memory.freeze();
        socket.close();
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
