package io.culvert.tunnel;

import io.culvert.spec.Gre;
import io.culvert.spec.OuterIpv4;
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
 * <p>An answer of these few bytes does not pass Linux's NAT, which drops GRE packets that end
 * within the eight bytes where PPTP would have a call number. So one that was not answered is
 * followed by one with padding, and that again by one without, until either comes back.
 *
 * <p>The peer needs no support: it decapsulates and forwards. The number of the request is the
 * inner identification, which nothing on the way changes. Confined to the lane's thread.
 */
public final class GreProbe implements KeepaliveProbe {
    /** Network control, with which routers send theirs. */
    private static final int TOS = 0xc0;

    /** What no packet has that was forwarded; the peer's answer has one less. */
    static final int TTL = 255;

    private static final int PADDING_BYTES = 8;

    private final byte[] packet;
    private final int plainBytes;
    private boolean isPadded;
    private final Ipv4Header ip = new Ipv4Header();

    /**
     * @param header the tunnel's; the answer has its input key, for it is we who receive it
     * @param outer the tunnel's
     */
    public GreProbe(Gre header, OuterIpv4 outer) {
        GreFields gre =
                new GreFields(
                        false,
                        header.inputKey().isPresent(),
                        header.inputKey().orElse(0),
                        false,
                        EtherType.KEEPALIVE);
        plainBytes = Ipv4Header.MIN_LENGTH + gre.lengthBytes();
        packet = new byte[plainBytes + PADDING_BYTES];
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        ip.wrap(bytes, 0)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .tos(TOS)
                .ttl(TTL)
                .protocol(IpProtocol.GRE)
                .source(outer.remoteBits())
                .destination(outer.localBits());
        gre.write(bytes, Ipv4Header.MIN_LENGTH);
    }

    /** Sets the address that answers come to: of a tunnel whose local address the route decides. */
    public void local(int address) {
        ip.wrap(ByteBuffer.wrap(packet), 0).destination(address);
    }

    @Override
    public void unanswered() {
        isPadded = !isPadded;
    }

    @Override
    public int write(ByteBuffer memory, int at, int number) {
        int packetBytes = isPadded ? packet.length : plainBytes;
        memory.put(at, packet, 0, packetBytes);
        ip.wrap(memory, at)
                .totalLengthBytes(packetBytes)
                .identification(number)
                .writeHeaderChecksum();
        return packetBytes;
    }
}
