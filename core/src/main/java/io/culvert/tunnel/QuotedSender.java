package io.culvert.tunnel;

import io.culvert.wire.GreHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/**
 * Finds the tunnel that an ICMP error is about, by the outer packet that it quotes.
 *
 * <p>Anyone can send an error; what quotes no packet that one of our tunnels could have sent is
 * nobody's. Confined to the lane's thread.
 */
public final class QuotedSender {
    private final Ipv4Header outer = new Ipv4Header();
    private final GreHeader gre = new GreHeader();

    /**
     * The tunnel that could have sent the packet.
     *
     * @param quoted the packet from its IP header on, as much of it as the error quotes
     * @return null when there is none
     */
    public TunnelEndpoint find(TunnelTable table, ByteBuffer quoted) {
        // a quote may end early, so the check of the whole packet's length does not apply
        if (quoted.limit() < Ipv4Header.MIN_LENGTH) {
            return null;
        }
        outer.wrap(quoted, 0);
        return switch (outer.protocol()) {
            case IpProtocol.GRE -> findGre(table, quoted);
            case IpProtocol.IPIP -> {
                TunnelEndpoint ipip = findIp(table, TunnelMode.IPIP);
                yield ipip != null ? ipip : findIp(table, TunnelMode.SIT);
            }
            case IpProtocol.IPV6 -> findIp(table, TunnelMode.SIT);
            default -> null;
        };
    }

    private TunnelEndpoint findGre(TunnelTable table, ByteBuffer quoted) {
        int greAt = outer.payloadAt();
        if (!gre.wrap(quoted, greAt).isValid(quoted.limit() - greAt)) {
            return null;
        }
        return table.sender(
                TunnelMode.GRE,
                outer.source(),
                outer.destination(),
                gre.hasKey(),
                gre.hasKey() ? gre.key() : 0);
    }

    private TunnelEndpoint findIp(TunnelTable table, TunnelMode mode) {
        return table.sender(mode, outer.source(), outer.destination(), false, 0);
    }
}
