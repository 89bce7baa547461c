package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreHeader;
import io.culvert.wire.IpProtocol;
import java.nio.ByteBuffer;

/**
 * Finds the tunnel that an ICMP error is about, by the outer packet that it quotes.
 *
 * <p>Anyone can send an error; what quotes no packet that one of our tunnels could have sent is
 * nobody's. Confined to the lane's thread.
 */
public final class QuotedSender {
    private final QuotedOuter outer = new QuotedOuter();
    private final GreHeader gre = new GreHeader();

    /**
     * The tunnel that could have sent the packet.
     *
     * @param quoted the packet from its IP header on, as much of it as the error quotes
     * @return null when there is none
     */
    public TunnelEndpoint find(TunnelTable table, ByteBuffer quoted) {
        if (!outer.read(quoted)) {
            return null;
        }
        return switch (outer.protocol()) {
            case IpProtocol.GRE -> findGre(table, quoted);
            case IpProtocol.IPIP -> {
                TunnelEndpoint ipip = find(table, TunnelTable.DIRECT_IPV4);
                yield ipip != null ? ipip : find(table, TunnelTable.DIRECT);
            }
            case IpProtocol.IPV6 -> find(table, TunnelTable.DIRECT);
            default -> null;
        };
    }

    private TunnelEndpoint findGre(TunnelTable table, ByteBuffer quoted) {
        int greAt = outer.payloadAt();
        if (!gre.wrap(quoted, greAt).isValid(quoted.limit() - greAt)) {
            return null;
        }
        boolean isEthernet = gre.protocolType() == EtherType.TEB;
        int key = gre.hasKey() ? gre.key() : 0;
        return sender(
                table,
                isEthernet ? TunnelTable.ETHERNET_IN_GRE : TunnelTable.GRE,
                gre.hasKey(),
                key);
    }

    private TunnelEndpoint find(TunnelTable table, int kind) {
        return sender(table, kind, false, 0);
    }

    private TunnelEndpoint sender(TunnelTable table, int kind, boolean hasKey, int key) {
        OuterAddresses addresses = table.outerAddresses();
        return table.sender(
                kind | (outer.isIpv6() ? TunnelTable.OVER_IPV6 : 0),
                outer.source(addresses),
                outer.destination(addresses),
                hasKey,
                key);
    }
}
