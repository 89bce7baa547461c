package io.culvert.device;

import io.culvert.linux.IncomingIpv4Messages;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.RoutedMessages;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.Ipv4Header;

/** Of IPv4: the kernel hands over whole packets, and takes them (IP_HDRINCL). */
final class RawIpv4Messages extends RawIpMessages {
    private final IncomingIpv4Messages incoming;
    private final RoutedMessages outgoing;

    private RawIpv4Messages(IncomingIpv4Messages incoming, RoutedMessages outgoing) {
        super(incoming, outgoing);
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /** Prepares a raw socket for a protocol. */
    static RawIpv4Messages of(LinuxSocket socket, int protocol, RawIpOptions options) {
        socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_HDRINCL, 1, "IP_HDRINCL");
        socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_RECVERR, 1, "IP_RECVERR");
        if (options.recordsLink()) {
            socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_PKTINFO, 1, "IP_PKTINFO");
        }
        // Messages say their protocol where they can, or IPsec would not take them for what they
        // are.
        boolean saysIt = socket.knowsOption(LinuxSocket.SOL_IP, LinuxSocket.IP_PROTOCOL);
        return new RawIpv4Messages(
                new IncomingIpv4Messages(options.batchSlots()),
                new RoutedMessages(
                        BatchSender.MESSAGES,
                        RoutedMessages.Addressing.BY_MESSAGE,
                        saysIt ? protocol : 0));
    }

    /** Those of an end of a local pair, which passes on whatever it is given. */
    static RawIpv4Messages overLocal(int batchSlots) {
        return new RawIpv4Messages(
                new IncomingIpv4Messages(batchSlots),
                new RoutedMessages(BatchSender.MESSAGES, RoutedMessages.Addressing.CONNECTED));
    }

    @Override
    void append(PacketBatch batch, int message) {
        int slot = batch.append(incoming.lengthBytes(message));
        batch.link(slot, incoming.takeArrivalLink(message));
    }

    @Override
    void put(int message, PacketBatch batch, int slot, long packetAddress, int interfaceIndex) {
        outgoing.put(
                message,
                packetAddress,
                batch.lengthBytes(slot),
                Ipv4Header.destination(batch.memory(), batch.start(slot)),
                interfaceIndex);
    }
}
