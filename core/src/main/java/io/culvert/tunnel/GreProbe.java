package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreFields;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/**
 * A GRE keepalive as Cisco's: the very packet that is to come back, as if the peer had sent it.
 *
 * <pre>
 *   our outer header, to the peer  GRE, type IPv4   | IPv4 from the peer to us | GRE, type 0, our key |
 *                                                   '---- what the peer forwards back to us ----------'
 * </pre>
 *
 * <p>The peer needs no support: it decapsulates and forwards. The number of the request is the
 * inner identification, which nothing on the way changes. Confined to the lane's thread.
 */
public final class GreProbe implements KeepaliveProbe {
    /** Network control, with which routers send theirs. */
    private static final int TOS = 0xc0;

    /** What no packet has that was forwarded; the peer's answer has one less. */
    static final int TTL = 255;

    private final byte[] packet;
    private final Ipv4Header header = new Ipv4Header();

    /**
     * @param spec the tunnel; the answer has its input key, for it is we who receive it
     */
    public GreProbe(TunnelSpec spec) {
        GreFields gre =
                new GreFields(
                        false,
                        spec.inputKey().isPresent(),
                        spec.inputKey().orElse(0),
                        false,
                        EtherType.KEEPALIVE);
        packet = new byte[Ipv4Header.MIN_LENGTH + gre.lengthBytes()];
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        header.wrap(bytes, 0)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .tos(TOS)
                .totalLengthBytes(packet.length)
                .ttl(TTL)
                .protocol(IpProtocol.GRE)
                .source(spec.remoteBits())
                .destination(spec.localBits());
        gre.write(bytes, Ipv4Header.MIN_LENGTH);
    }

    /** Sets the address that answers come to: of a tunnel whose local address the route decides. */
    public void local(int address) {
        header.wrap(ByteBuffer.wrap(packet), 0).destination(address);
    }

    @Override
    public int write(ByteBuffer memory, int at, int number) {
        memory.put(at, packet);
        header.wrap(memory, at).identification(number).writeHeaderChecksum();
        return packet.length;
    }
}
