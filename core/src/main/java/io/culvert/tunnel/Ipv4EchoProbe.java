package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/** An ICMP echo (RFC 792) inside the tunnel. Confined to the lane's thread. */
public final class Ipv4EchoProbe implements EchoProbe {
    private static final int TOS = 0xc0;
    private static final int TTL = 64;
    private static final int MESSAGE_BYTES = Icmpv4Message.HEADER_LENGTH + DATA_BYTES;
    private static final int PACKET_BYTES = Ipv4Header.MIN_LENGTH + MESSAGE_BYTES;

    /** What a reply may bring along: as much as fits the slot of an ordinary packet. */
    private static final int MOST_REPLY_BYTES = 1500;

    private final int local;
    private final int peer;
    private final long drawn;
    private final Ipv4Header ip = new Ipv4Header();
    private final Icmpv4Message icmp = new Icmpv4Message();

    /**
     * @param local our address inside the tunnel
     * @param peer the peer's
     * @param drawn a random number, the same for all lanes of a tunnel
     */
    public Ipv4EchoProbe(int local, int peer, long drawn) {
        this.local = local;
        this.peer = peer;
        this.drawn = drawn;
    }

    @Override
    public int protocol() {
        return IpProtocol.ICMP;
    }

    @Override
    public int write(ByteBuffer memory, int at, int number) {
        ip.wrap(memory, at)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .tos(TOS)
                .totalLengthBytes(PACKET_BYTES)
                .identification(number)
                .fragmentation(false, false, 0)
                .ttl(TTL)
                .protocol(IpProtocol.ICMP)
                .source(local)
                .destination(peer)
                .writeHeaderChecksum();
        icmp.wrap(memory, ip.payloadAt()).echoRequest(identifier(), number);
        memory.putLong(icmp.dataAt(), drawn);
        icmp.writeChecksum(MESSAGE_BYTES);
        return PACKET_BYTES;
    }

    @Override
    public int answeredNumber(ByteBuffer memory, int at, int lengthBytes) {
        return isEcho(memory, at, lengthBytes, Icmpv4Message.ECHO_REPLY)
                        && lengthBytes == ip.headerLengthBytes() + MESSAGE_BYTES
                        && icmp.identifier() == identifier()
                        && memory.getLong(icmp.dataAt()) == drawn
                        && icmp.hasValidChecksum(MESSAGE_BYTES)
                ? icmp.sequenceNumber()
                : -1;
    }

    @Override
    public boolean isPeersRequest(ByteBuffer memory, int at, int lengthBytes) {
        return isEcho(memory, at, lengthBytes, Icmpv4Message.ECHO_REQUEST)
                && !ip.hasOptions()
                && lengthBytes <= MOST_REPLY_BYTES
                && icmp.hasValidChecksum(lengthBytes - Ipv4Header.MIN_LENGTH);
    }

    @Override
    public void copyReply(PacketBatch request, int slot, PacketBatch to) {
        int lengthBytes = request.lengthBytes(slot);
        int at = to.nextPacketAt();
        to.memory().put(at, request.memory(), request.start(slot), lengthBytes);
        ip.wrap(to.memory(), at).source(local).destination(peer).ttl(TTL).writeHeaderChecksum();
        icmp.wrap(to.memory(), ip.payloadAt())
                .echoReply()
                .writeChecksum(lengthBytes - Ipv4Header.MIN_LENGTH);
        to.append(lengthBytes);
    }

    private boolean isEcho(ByteBuffer memory, int at, int lengthBytes, int type) {
        ip.wrap(memory, at);
        int messageBytes = lengthBytes - ip.headerLengthBytes();
        return ip.protocol() == IpProtocol.ICMP
                && ip.source() == peer
                && ip.destination() == local
                && !ip.isFragment()
                && icmp.wrap(memory, ip.payloadAt()).isValid(messageBytes)
                && icmp.type() == type;
    }

    private int identifier() {
        return (int) (drawn >>> 16) & 0xffff;
    }
}
