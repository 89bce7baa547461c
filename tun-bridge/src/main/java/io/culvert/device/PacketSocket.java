package io.culvert.device;

import io.culvert.linux.Abi;
import io.culvert.linux.AbiProbe;
import io.culvert.linux.LinkMessages;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.linux.PacketRing;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.EtherType;
import io.culvert.wire.Ipv4Header;

/*
 * Problem: the host's IP costs 2 to 4 us for each packet that goes through a raw socket. An
 * AF_PACKET socket stands beside it, where the link hands packets over.
 *
 * In: opened for ETH_P_IP and not ETH_P_ALL, and bound to no interface, it is offered each IPv4
 * packet once, where ip_rcv is, behind VLANs, bridges and bonds, and none that this host sends. A
 * filter takes what is ours. As SOCK_DGRAM it sees packets from their IP header on.
 *
 * Out: a packet goes right to its link, with the neighbour's address. What has no such way, or is
 * too big for it, goes through a raw socket, which knows what to do: it asks for the neighbour, finds
 * the route, or says what is wrong, by its error queue as ever.
 */

/**
 * The IPv4 underlay beside the host's IP: a packet socket that receives the packets of one protocol
 * that come for some of this host's addresses, and sends whole outer packets to the next hop's link
 * address.
 *
 * <p>The host's IP has no part in it: netfilter's input and output do not see these packets, nor
 * does the reverse path filter; traffic control, netdev ingress and egress, and captures do. The
 * host receives them beside us, so that something must keep it from answering protocol unreachable.
 * Packets that came in fragments are put together here. Confined to its lane's thread.
 */
public final class PacketSocket implements Underlay {
    /** For packets that are larger than a frame, such as those that the host has joined. */
    private static final int QUEUE_BYTES = 16 << 20;

    private final LinuxSocket socket;
    private final int fd;
    private final RingReceiver receiver;
    private final RawIpSocket routed;
    private final LinkMessages outgoing;
    private final BatchSender sender;
    private final RingLosses losses;
    private final NextHops nextHops = new NextHops();
    private final Ipv4Header sent = new Ipv4Header();

    private PacketSocket(LinuxSocket socket, RingReceiver receiver, RawIpSocket routed) {
        this.socket = socket;
        this.fd = socket.fd();
        this.receiver = receiver;
        this.routed = routed;
        this.outgoing = new LinkMessages(BatchSender.MESSAGES, EtherType.IPV4);
        this.sender = new BatchSender(fd);
        this.losses = new RingLosses(fd);
    }

    /**
     * Opens the socket.
     *
     * @param packets which it receives
     * @param split which of these
     * @param routed takes the packets that have no next hop; the caller closes it, later than this
     * @throws io.culvert.linux.LinuxException when the kernel refuses it, saying what to do
     */
    public static PacketSocket open(
            LocalPackets packets, RingOptions options, FlowSplit split, RawIpSocket routed) {
        AbiProbe.check();
        // Of no protocol until all is ready, so that nothing comes in that the filter did not see.
        LinuxSocket socket =
                LinuxSocket.open(
                        LinuxSocket.AF_PACKET,
                        LinuxSocket.SOCK_DGRAM,
                        0,
                        "packet socket for protocol " + packets.protocol());
        try {
            SocketBuffers.growSendBuffer(socket, options.sendBufferBytes());
            SocketBuffers.growReceiveBuffer(socket, QUEUE_BYTES);
            socket.option(
                    LinuxSocket.SOL_PACKET,
                    LinuxSocket.PACKET_COPY_THRESH,
                    options.frameBytes(),
                    "PACKET_COPY_THRESH");
            socket.attachFilter(packets.filter(split));
            PacketRing ring = PacketRing.map(socket, options.frameBytes(), options.ringBytes());
            socket.bind(everyLink());
            RingReceiver receiver = new RingReceiver(socket.fd(), ring, options.recordsLink());
            return new PacketSocket(socket, receiver, routed);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static NativeMemory everyLink() {
        NativeMemory address = NativeMemory.allocate(Abi.SOCKADDR_LL_BYTES);
        address.bytes()
                .putShort(Abi.SOCKADDR_LL_FAMILY, (short) LinuxSocket.AF_PACKET)
                .put(Abi.SOCKADDR_LL_PROTOCOL, (byte) (EtherType.IPV4 >>> 8))
                .put(Abi.SOCKADDR_LL_PROTOCOL + 1, (byte) EtherType.IPV4);
        return address;
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public void boundLink(int tunnelIndex, int interfaceIndex) {
        routed.boundLink(tunnelIndex, interfaceIndex);
    }

    @Override
    public void nextHop(int tunnelIndex, int interfaceIndex, long linkAddress, int linkMtu) {
        nextHops.put(tunnelIndex, interfaceIndex, linkAddress, linkMtu);
    }

    @Override
    public void noNextHop(int tunnelIndex) {
        nextHops.remove(tunnelIndex);
    }

    @Override
    public int readBatch(PacketBatch batch) {
        return receiver.readBatch(batch);
    }

    // ---- sending

    @Override
    public int writeBatch(PacketBatch batch, int fromSlot) {
        long memoryAddress = batch.slab().requireAddress();
        int size = batch.size();
        int slot = fromSlot;
        while (slot < size) {
            int messages = 0;
            boolean isForLink = true;
            while (slot < size && isForLink && messages < BatchSender.MESSAGES) {
                isForLink = isForLink(batch, slot);
                if (isForLink && batch.isLive(slot)) {
                    put(messages, batch, slot, memoryAddress);
                    sender.message(messages++, slot);
                }
                slot += isForLink ? 1 : 0;
            }
            int done = sender.send(batch, outgoing.address(0), messages);
            if (done < messages) {
                return sender.slot(done);
            }
            if (!isForLink) {
                slot = route(batch, slot);
            }
        }
        return size;
    }

    /** Whether a packet can go right to its link; one that is not live goes nowhere anyway. */
    private boolean isForLink(PacketBatch batch, int slot) {
        if (!batch.isLive(slot)) {
            return true;
        }
        if (batch.totalBytes(slot) > nextHops.linkMtu(batch.tunnel(slot))) {
            return false;
        }
        // what a raw socket would fill in
        sent.wrap(batch.memory(), batch.start(slot));
        return sent.identification() != 0 && sent.source() != 0;
    }

    private void put(int message, PacketBatch batch, int slot, long memoryAddress) {
        int tunnel = batch.tunnel(slot);
        outgoing.put(
                message,
                memoryAddress + batch.start(slot),
                batch.lengthBytes(slot),
                nextHops.interfaceIndex(tunnel),
                nextHops.linkAddress(tunnel));
        BatchSender.putTail(outgoing, message, batch, slot);
    }

    /**
     * Has the host send the packets up to the next that can go right to its link. epoll does not
     * watch that way, so what would have to wait there is lost.
     *
     * @return behind the last of them
     */
    private int route(PacketBatch batch, int fromSlot) {
        int toSlot = fromSlot + 1;
        while (toSlot < batch.size() && !isForLink(batch, toSlot)) {
            toSlot++;
        }
        for (int slot = routed.writeSlots(batch, fromSlot, toSlot); slot < toSlot; slot++) {
            batch.drop(slot, DropReason.UNDERLAY_FULL);
        }
        return toSlot;
    }

    /**
     * Packets that found no room, in the ring or beside it, and those of which not all fragments
     * came, since the socket was opened; any thread.
     */
    public long receiveDrops() {
        return losses.packets() + receiver.lost();
    }

    @Override
    public void close() {
        losses.freeze();
        receiver.close();
        socket.close();
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
