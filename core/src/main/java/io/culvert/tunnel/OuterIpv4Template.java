package io.culvert.tunnel;

import io.culvert.spec.Header;
import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.OuterIpv4.Fragmentation;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv4Template;
import java.nio.ByteBuffer;

/**
 * An outer IPv4 header. What happens to a packet that is too large for the path:
 *
 * <pre>
 *                     inner IPv4, DF     inner IPv4, no DF     inner IPv6
 *   pmtudisc          fragmentation      inner fragments       packet too big (sit below 1280:
 *                     needed                                   outer fragments, RFC 4213 3.2.2)
 *   nopmtudisc        fragmentation      outer fragments       outer fragments
 *                     needed
 *   ignore-df         outer fragments    outer fragments       outer fragments
 * </pre>
 *
 * What is not IP cannot be answered: with pmtudisc it is dropped, else it goes in outer fragments.
 */
final class OuterIpv4Template extends OuterTemplate {
    private final Ipv4Template forIpv6;
    private final Ipv4Template forOthers;
    private final IdentificationSequence identifications;
    private final Fragmentation fragmentation;
    private final int ttl;
    private final int tos;
    private final boolean inheritsTos;
    private final boolean isDirect;
    private final int protocol4;
    private final int protocol6;
    private final int remote;
    private final int local;

    OuterIpv4Template(TunnelSpec spec, OuterIpv4 outer, IdentificationSequence identifications) {
        this.identifications = identifications;
        fragmentation = outer.fragmentation();
        ttl = outer.ttl();
        inheritsTos = outer.inheritsTos();
        tos = outer.tos() & ~(inheritsTos ? OuterIpv4.TOS_INHERIT : 0);
        isDirect = spec.header() instanceof Header.None;
        protocol4 = spec.header().outerProtocol(IpVersion.IPV4);
        protocol6 = spec.header().outerProtocol(IpVersion.IPV6);
        remote = outer.remoteBits();
        local = outer.localBits();
        forIpv6 = new Ipv4Template(protocol6, local, remote);
        forOthers = new Ipv4Template(protocol4, local, remote);
    }

    @Override
    void write(ByteBuffer memory, int at, int outerBytes, InnerPacket inner, boolean dontFragment) {
        int innerTos = inner.tos();
        int dscpFrom = inheritsTos && inner.ipVersion() != 0 ? innerTos : tos;
        Ipv4Template template = inner.isIpv6() ? forIpv6 : forOthers;
        template.tos(dscpFrom & ~Ecn.CE | Ecn.encapsulate(innerTos & Ecn.CE))
                .totalLengthBytes(outerBytes)
                .identification(identifications.next())
                .dontFragment(dontFragment)
                .ttl(ttl == Outer.TTL_INHERIT ? inner.ttl() : ttl)
                .write(memory, at);
    }

    /**
     * Always with pmtudisc, else the inner IPv4 one, unless that is ignored. A 6in4 tunnel never
     * sets it on a path that is too narrow for IPv6 (RFC 4213 §3.2.2).
     */
    @Override
    boolean wantsDontFragment(InnerPacket inner, int innerMtu) {
        return switch (fragmentation) {
            case NEVER -> !inner.isIpv6() || !isDirect || innerMtu >= TunnelSpec.MIN_IPV6_MTU;
            case AS_INNER -> inner.dontFragment();
            case ALWAYS_ALLOWED -> false;
        };
    }

    @Override
    Oversized oversized(InnerPacket inner, int innerMtu) {
        return switch (fragmentation) {
            case ALWAYS_ALLOWED -> Oversized.FRAGMENT_OUTER;
            case AS_INNER -> inner.dontFragment() ? Oversized.ANSWER : Oversized.FRAGMENT_OUTER;
            case NEVER -> {
                if (inner.isIpv6()) {
                    yield oversizedIpv6(inner, innerMtu);
                }
                if (!inner.isIpv4()) {
                    yield Oversized.DROP;
                }
                // Deviation: without DF, Linux drops it without a word ({@code tx_dropped}), or
                // relies on its own IP layer to know the path's MTU, which it cannot here. RFC 2003
                // §5.1 calls fragmenting the original "much better" than fragmenting the outer
                // packet.
                yield inner.dontFragment() ? Oversized.ANSWER : Oversized.FRAGMENT_INNER;
            }
        };
    }

    private Oversized oversizedIpv6(InnerPacket inner, int innerMtu) {
        if (innerMtu >= TunnelSpec.MIN_IPV6_MTU) {
            return Oversized.ANSWER;
        }
        if (!isDirect) {
            // as Linux: no IPv6 sender can go below 1280, and the outer may not be fragmented
            return Oversized.DROP;
        }
        return inner.lengthBytes() > TunnelSpec.MIN_IPV6_MTU
                ? Oversized.ANSWER
                : Oversized.FRAGMENT_OUTER;
    }

    @Override
    int toldMtu(InnerPacket inner, int innerMtu) {
        return inner.isIpv6() ? Math.max(innerMtu, TunnelSpec.MIN_IPV6_MTU) : innerMtu;
    }

    @Override
    boolean isOwnOuterPacket(InnerPacket inner) {
        if (!inner.isIpv4() || inner.isEthernet()) {
            return false;
        }
        int protocol = inner.ipv4().protocol();
        return inner.ipv4().destination() == remote
                && (local == Ipv4Address.UNSPECIFIED || inner.ipv4().source() == local)
                && (protocol == protocol4 || protocol == protocol6);
    }
}
