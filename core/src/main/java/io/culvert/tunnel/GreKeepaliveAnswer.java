package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.spec.Gre;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/**
 * Answers a peer's GRE keepalive with the packet inside it, as the peer expects of any router.
 *
 * <p>A host would have to forward a packet with an address of its own as the source, which Linux
 * refuses as a martian; so the tunnel answers itself. It is no reflector: what goes back is smaller
 * than what came, goes to the address that it came from, which is the tunnel's remote, and is
 * nothing but an IPv4 header and a GRE header that carries nothing of use.
 *
 * <p>Confined to the lane's thread; allocates nothing.
 */
// Deviation: RFC 2784 §3.1 asks to discard a payload packet that is addressed to the encapsulator.
// A Cisco keepalive is one, and its sender takes the tunnel down when it is discarded.
public final class GreKeepaliveAnswer {
    /** Some senders put text behind the inner GRE header. */
    private static final int MOST_PAYLOAD_BYTES = 256;

    private final boolean hasKey;
    private final int key;
    private final Ipv4Header ip = new Ipv4Header();
    private final GreHeader gre = new GreHeader();

    /**
     * @param header the tunnel's; a request holds the key that we send with
     */
    public GreKeepaliveAnswer(Gre header) {
        hasKey = header.outputKey().isPresent();
        key = header.outputKey().orElse(0);
    }

    /**
     * Whether a decapsulated IPv4 packet is the inside of a keepalive: GRE of type 0, with our key
     * or none, addressed to the peer.
     *
     * <p>A peer behind NAT writes addresses that are not those the packet arrived with. It is told
     * from a keepalive of somebody else's, on its way through the tunnel, by its TTL: a packet with
     * 255 was forwarded by nobody, so the peer itself has made it (as in RFC 5082).
     *
     * @param lengthBytes of the packet, whose header is valid
     * @param outerSource the peer's address as it stood in the outer header
     */
    public boolean isRequest(ByteBuffer memory, int at, int lengthBytes, int outerSource) {
        ip.wrap(memory, at);
        if (ip.hasOptions()
                || ip.isFragment()
                || ip.protocol() != IpProtocol.GRE
                || ip.ttl() < 2
                || ip.destination() != outerSource && ip.ttl() != GreProbe.TTL
                || !ip.hasValidHeaderChecksum()) {
            return false;
        }
        int greBytes = lengthBytes - Ipv4Header.MIN_LENGTH;
        gre.wrap(memory, ip.payloadAt());
        return greBytes <= GreHeader.MAX_LENGTH + MOST_PAYLOAD_BYTES
                && gre.isValid(greBytes)
                && gre.version() == 0
                && !gre.hasRouting()
                && !gre.hasStrictSourceRoute()
                && gre.reservedFlags() == 0
                && gre.protocolType() == EtherType.KEEPALIVE
                && gre.hasKey() == hasKey
                && (!hasKey || gre.key() == key);
    }

    /**
     * Appends the answer to a batch that has room.
     *
     * <p>It goes back by the addresses that the request came with. Without NAT these are the ones
     * inside, and the answer is the inner packet with its TTL one less, byte for byte.
     *
     * @param outerSource the peer's address as it stood in the outer header
     * @param outerDestination ours
     */
    public void copyAnswer(
            PacketBatch request,
            int slot,
            PacketBatch wire,
            int outerSource,
            int outerDestination) {
        int lengthBytes = request.lengthBytes(slot);
        int at = wire.nextPacketAt();
        wire.memory().put(at, request.memory(), request.start(slot), lengthBytes);
        ip.wrap(wire.memory(), at);
        ip.source(outerDestination)
                .destination(outerSource)
                .ttl(ip.ttl() - 1)
                .writeHeaderChecksum();
        wire.append(lengthBytes);
    }
}
