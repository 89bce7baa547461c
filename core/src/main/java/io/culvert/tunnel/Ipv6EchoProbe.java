package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.Icmpv6Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;

/** An ICMPv6 echo (RFC 4443 §4.1) inside the tunnel. Confined to the lane's thread. */
public final class Ipv6EchoProbe implements EchoProbe {
    private static final int TRAFFIC_CLASS = 0xc0;
    private static final int HOP_LIMIT = 64;
    private static final int MESSAGE_BYTES = Icmpv6Message.HEADER_LENGTH + DATA_BYTES;
    private static final int PACKET_BYTES = Ipv6Header.LENGTH + MESSAGE_BYTES;
    private static final int MOST_REPLY_BYTES = 1500;

    private final long localHigh;
    private final long localLow;
    private final long peerHigh;
    private final long peerLow;
    private final long drawn;
    private final Ipv6Header ip = new Ipv6Header();
    private final Icmpv6Message icmp = new Icmpv6Message();

    /**
     * @param local our address inside the tunnel, 16 octets
     * @param peer the peer's
     * @param drawn a random number, the same for all lanes of a tunnel
     */
    public Ipv6EchoProbe(byte[] local, byte[] peer, long drawn) {
        localHigh = ByteBuffer.wrap(local).getLong(0);
        localLow = ByteBuffer.wrap(local).getLong(Long.BYTES);
        peerHigh = ByteBuffer.wrap(peer).getLong(0);
        peerLow = ByteBuffer.wrap(peer).getLong(Long.BYTES);
        this.drawn = drawn;
    }

    @Override
    public int protocol() {
        return IpProtocol.ICMPV6;
    }

    @Override
    public int write(ByteBuffer memory, int at, int number) {
        ip.wrap(memory, at)
                .versionClassAndLabel(TRAFFIC_CLASS, 0)
                .payloadLengthBytes(MESSAGE_BYTES)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(HOP_LIMIT)
                .source(localHigh, localLow)
                .destination(peerHigh, peerLow);
        icmp.wrap(memory, ip.payloadAt()).echoRequest(identifier(), number);
        memory.putLong(icmp.dataAt(), drawn);
        icmp.writeChecksum(MESSAGE_BYTES, pseudoHeaderSum(MESSAGE_BYTES));
        return PACKET_BYTES;
    }

    @Override
    public int answeredNumber(ByteBuffer memory, int at, int lengthBytes) {
        return isEcho(memory, at, lengthBytes, Icmpv6Message.ECHO_REPLY)
                        && lengthBytes == PACKET_BYTES
                        && icmp.identifier() == identifier()
                        && memory.getLong(icmp.dataAt()) == drawn
                        && icmp.hasValidChecksum(MESSAGE_BYTES, pseudoHeaderSum(MESSAGE_BYTES))
                ? icmp.sequenceNumber()
                : -1;
    }

    @Override
    public boolean isPeersRequest(ByteBuffer memory, int at, int lengthBytes) {
        int messageBytes = lengthBytes - Ipv6Header.LENGTH;
        return isEcho(memory, at, lengthBytes, Icmpv6Message.ECHO_REQUEST)
                && lengthBytes <= MOST_REPLY_BYTES
                && icmp.hasValidChecksum(messageBytes, pseudoHeaderSum(messageBytes));
    }

    @Override
    public void copyReply(PacketBatch request, int slot, PacketBatch to) {
        int lengthBytes = request.lengthBytes(slot);
        int messageBytes = lengthBytes - Ipv6Header.LENGTH;
        int at = to.nextPacketAt();
        to.memory().put(at, request.memory(), request.start(slot), lengthBytes);
        ip.wrap(to.memory(), at)
                .hopLimit(HOP_LIMIT)
                .source(localHigh, localLow)
                .destination(peerHigh, peerLow);
        icmp.wrap(to.memory(), ip.payloadAt())
                .echoReply()
                .writeChecksum(messageBytes, pseudoHeaderSum(messageBytes));
        to.append(lengthBytes);
    }

    /** Extension headers are not looked behind: no host puts them before an echo of its own. */
    private boolean isEcho(ByteBuffer memory, int at, int lengthBytes, int type) {
        ip.wrap(memory, at);
        return ip.nextHeader() == IpProtocol.ICMPV6
                && ip.sourceHigh() == peerHigh
                && ip.sourceLow() == peerLow
                && ip.destinationHigh() == localHigh
                && ip.destinationLow() == localLow
                && icmp.wrap(memory, ip.payloadAt()).isValid(lengthBytes - Ipv6Header.LENGTH)
                && icmp.type() == type;
    }

    private int pseudoHeaderSum(int messageBytes) {
        return ip.pseudoHeaderSum(IpProtocol.ICMPV6, messageBytes);
    }

    private int identifier() {
        return (int) (drawn >>> 16) & 0xffff;
    }
}
