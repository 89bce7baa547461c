package io.culvert.device;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.ClassicBpf;
import io.culvert.linux.Errno;
import io.culvert.linux.IncomingMessages;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.RoutedMessages;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.wire.Ipv4Header;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

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
    private static final int MAX_RECEIVE_ATTEMPTS = 3;

    private final LinuxSocket socket;
    private final int fd;
    private final int receiveBufferBytes;
    private final ErrorQueue errorQueue;
    private final IncomingMessages incoming;
    private final RoutedMessages outgoing;
    private final BatchSender sender;
    private final SocketMemory memory;
    private final AtomicLong readState = new AtomicLong();
    private int[] linkOfTunnel = new int[0];

    private RawIpSocket(
            LinuxSocket socket, int receiveBufferBytes, int batchSlots, RoutedMessages outgoing) {
        this.socket = socket;
        this.fd = socket.fd();
        this.receiveBufferBytes = receiveBufferBytes;
        this.errorQueue = new ErrorQueue(fd);
        this.memory = new SocketMemory(fd);
        this.incoming = new IncomingMessages(batchSlots);
        this.outgoing = outgoing;
        this.sender = new BatchSender(fd);
    }

    /** One over an end of a local pair, which sends to the other end whatever the header says. */
    static RawIpSocket overLocal(LinuxSocket socket) {
        int bufferBytes = socket.option(LinuxSocket.SOL_SOCKET, LinuxSocket.SO_RCVBUF, "SO_RCVBUF");
        return new RawIpSocket(
                socket,
                bufferBytes,
                RawIpOptions.DEFAULTS.batchSlots(),
                new RoutedMessages(BatchSender.MESSAGES, RoutedMessages.Addressing.CONNECTED));
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
        return open(protocol, options, split.isNeeded() ? split.filter(protocol) : null);
    }

    /**
     * Opens one that sends, and is told of errors, and receives nothing.
     *
     * @see #open(int, RawIpOptions, FlowSplit)
     */
    public static RawIpSocket openForSending(int protocol, RawIpOptions options) {
        return open(protocol, options, ClassicBpf.REFUSE_ALL);
    }

    /**
     * @param filter which of the protocol's packets it receives; null for all
     */
    private static RawIpSocket open(int protocol, RawIpOptions options, ClassicBpf filter) {
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
            SocketBuffers.growSendBuffer(socket, options.sendBufferBytes());
            if (filter != null) {
                socket.attachFilter(filter);
                // What came in between may be another lane's, too.
                SentinelSocket.discardWaiting(socket.fd());
            }
            int received = SocketBuffers.growReceiveBuffer(socket, options.receiveBufferBytes());
            return new RawIpSocket(
                    socket, received, options.batchSlots(), messages(socket, protocol));
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** They say their protocol where they can, or IPsec would not take them for what they are. */
    private static RoutedMessages messages(LinuxSocket socket, int protocol) {
        boolean saysIt = socket.knowsOption(LinuxSocket.SOL_IP, LinuxSocket.IP_PROTOCOL);
        return new RoutedMessages(
                BatchSender.MESSAGES, RoutedMessages.Addressing.BY_MESSAGE, saysIt ? protocol : 0);
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
        return writeSlots(batch, fromSlot, batch.size());
    }

    /**
     * Writes the live packets in some of the slots.
     *
     * @param toSlot behind the last slot to look at
     * @return {@code toSlot} when done, else the slot to go on with when it can be written again
     */
    int writeSlots(PacketBatch batch, int fromSlot, int toSlot) {
        long memoryAddress = batch.slab().requireAddress();
        int slot = fromSlot;
        while (slot < toSlot) {
            int messages = 0;
            for (; slot < toSlot && messages < BatchSender.MESSAGES; slot++) {
                if (batch.isLive(slot)) {
                    put(messages, batch, slot, memoryAddress);
                    sender.message(messages++, slot);
                }
            }
            int done = sender.send(batch, outgoing.address(0), messages);
            if (done < messages) {
                return sender.slot(done);
            }
        }
        return toSlot;
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
        BatchSender.putTail(outgoing, message, batch, slot);
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
