package io.culvert.device;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.ClassicBpf;
import io.culvert.linux.Errno;
import io.culvert.linux.IncomingMessages;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The underlay through the host's IP: a raw socket that receives every packet of one protocol over
 * IPv4 or IPv6 that reaches this host, and sends whole outer packets (IP_HDRINCL, IPV6_HDRINCL).
 *
 * <p>Sent packets carry their own outer header; the destination is read from it. In one of IPv4 the
 * kernel fills the total length and the header checksum, the source when it is 0.0.0.0 and the
 * identification when it is 0; in one of IPv6 it fills nothing. It never splits a packet that
 * exceeds the link's MTU. Received packets start at the outer header and are reassembled already;
 * an IPv6 header stands there without its extension headers. Confined to its lane's thread.
 */
public final class RawIpSocket implements Underlay {
    private static final int MAX_RECEIVE_ATTEMPTS = 3;
    private static final int RECEIVE_FLAGS = LinuxSocket.MSG_DONTWAIT | LinuxSocket.MSG_TRUNC;

    private final LinuxSocket socket;
    private final int fd;
    private final int receiveBufferBytes;
    private final ErrorQueue errorQueue;
    private final RawIpMessages messages;
    private final BatchSender sender;
    private final SocketMemory memory;
    private final AtomicLong readState = new AtomicLong();
    private int[] linkOfTunnel = new int[0];

    private RawIpSocket(LinuxSocket socket, int receiveBufferBytes, RawIpMessages messages) {
        this.socket = socket;
        this.fd = socket.fd();
        this.receiveBufferBytes = receiveBufferBytes;
        this.errorQueue = new ErrorQueue(fd);
        this.memory = new SocketMemory(fd);
        this.messages = messages;
        this.sender = new BatchSender(fd);
    }

    /** One over an end of a local pair, which sends to the other end whatever the header says. */
    static RawIpSocket overLocal(LinuxSocket socket) {
        int bufferBytes = socket.option(LinuxSocket.SOL_SOCKET, LinuxSocket.SO_RCVBUF, "SO_RCVBUF");
        int batchSlots = RawIpOptions.DEFAULTS.batchSlots();
        return new RawIpSocket(socket, bufferBytes, RawIpv4Messages.overLocal(batchSlots));
    }

    /**
     * Opens a socket for all packets of a protocol.
     *
     * @see #open(OuterProtocol, RawIpOptions, FlowSplit)
     */
    public static RawIpSocket open(OuterProtocol protocol, RawIpOptions options) {
        return open(protocol, options, FlowSplit.NONE);
    }

    /**
     * Opens the socket, bound to no address: it receives the protocol's packets for all of them.
     *
     * @param split which of the packets it receives
     * @throws io.culvert.linux.LinuxException when the kernel refuses it, saying what to do
     */
    public static RawIpSocket open(OuterProtocol protocol, RawIpOptions options, FlowSplit split) {
        return open(protocol, options, split.isNeeded() ? split.filter(protocol) : null);
    }

    /**
     * Opens one that sends, and is told of errors, and receives nothing.
     *
     * @see #open(OuterProtocol, RawIpOptions, FlowSplit)
     */
    public static RawIpSocket openForSending(OuterProtocol protocol, RawIpOptions options) {
        return open(protocol, options, ClassicBpf.REFUSE_ALL);
    }

    /**
     * @param filter which of the protocol's packets it receives; null for all
     */
    private static RawIpSocket open(
            OuterProtocol protocol, RawIpOptions options, ClassicBpf filter) {
        AbiProbe.check();
        LinuxSocket socket = protocol.openSocket("raw socket");
        try {
            RawIpMessages messages =
                    protocol.isOverIpv6()
                            ? RawIpv6Messages.of(socket, protocol.number(), options)
                            : RawIpv4Messages.of(socket, protocol.number(), options);
            SocketBuffers.growSendBuffer(socket, options.sendBufferBytes());
            if (filter != null) {
                socket.attachFilter(filter);
                // What came in between may be another lane's, too.
                SentinelSocket.discardWaiting(socket.fd());
            }
            int received = SocketBuffers.growReceiveBuffer(socket, options.receiveBufferBytes());
            return new RawIpSocket(socket, received, messages);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
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
        IncomingMessages incoming = messages.incoming();
        int room = Math.min(slab.slots(), incoming.capacity()) - first;
        if (room <= 0) {
            return 0;
        }
        incoming.aim(
                slab.requireAddress() + slab.packetAt(0), slab.strideBytes(), slab.slotBytes());
        long readBefore = readState.getPlain();
        readState.set(readBefore + 1);
        int received = receive(incoming.address(first), room);
        readState.set(readBefore + 2L * received);
        for (int message = first; message < first + received; message++) {
            messages.append(batch, message);
        }
        return received;
    }

    private int receive(long firstAddress, int room) {
        for (int attempt = 0; attempt < MAX_RECEIVE_ATTEMPTS; attempt++) {
            int received = LibC.recvmmsg(fd, firstAddress, room, RECEIVE_FLAGS, 0);
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
            int count = 0;
            for (; slot < toSlot && count < BatchSender.MESSAGES; slot++) {
                if (batch.isLive(slot)) {
                    put(count, batch, slot, memoryAddress);
                    sender.message(count++, slot);
                }
            }
            int done = sender.send(batch, messages.outgoing().address(0), count);
            if (done < count) {
                return sender.slot(done);
            }
        }
        return toSlot;
    }

    private void put(int message, PacketBatch batch, int slot, long memoryAddress) {
        int tunnel = batch.tunnel(slot);
        int link = tunnel >= 0 && tunnel < linkOfTunnel.length ? linkOfTunnel[tunnel] : 0;
        messages.put(message, batch, slot, memoryAddress + batch.start(slot), link);
        BatchSender.putTail(messages.outgoing(), message, batch, slot);
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
