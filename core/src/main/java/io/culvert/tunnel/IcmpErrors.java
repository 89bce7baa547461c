package io.culvert.tunnel;

import io.culvert.spec.Gre;
import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.GreHeader;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;

/**
 * What one tunnel makes of ICMP errors about its outer packets (RFC 2003 §4, as Linux does it).
 *
 * <p>Fragmentation needed lowers the {@link PathMtu}; the next packet that is too big is answered.
 * Where the error quotes enough of an inner IPv6 packet, its sender is told at once. Other errors
 * are remembered for a second, and for each one remembered the sender of one of the next packets is
 * told that its host is unreachable, while the packet is still sent: the error may be an old one.
 *
 * <p>Confined to the lane's thread.
 */
public final class IcmpErrors {
    /** What must be quoted of an inner packet behind its header to be answered. */
    private static final int LEAST_QUOTED_PAYLOAD_BYTES = 8;

    private final TunnelSpec spec;
    private final PathMtu pathMtu;
    private final InnerIcmp innerIcmp;
    private final QuotedOuter outer = new QuotedOuter();
    private final GreHeader gre = new GreHeader();
    private final LaneShare share;

    /** Of a tunnel that is carried by one lane. */
    public IcmpErrors(TunnelSpec spec, PathMtu pathMtu, InnerIcmp innerIcmp) {
        this(spec, pathMtu, innerIcmp, LaneShare.whole());
    }

    /**
     * @param share which lane's it is; all lanes learn the path's MTU, and the first one tells
     */
    public IcmpErrors(TunnelSpec spec, PathMtu pathMtu, InnerIcmp innerIcmp, LaneShare share) {
        this.spec = spec;
        this.pathMtu = pathMtu;
        this.innerIcmp = innerIcmp;
        this.share = share;
    }

    /**
     * Acts on an error about a packet of this tunnel.
     *
     * @return whether the path's MTU became smaller
     */
    public boolean accept(OuterError error, long nowNanos) {
        if (error.kind() == OuterErrorKind.TOO_BIG) {
            return pathMtu.learn(mtuOf(error), isFromRouter(error), nowNanos);
        }
        if (share.isFirst() && isToldToSenders(error) && !tellInnerIpv6Sender(error.quoted())) {
            share.rememberedErrors().add(nowNanos);
        }
        return false;
    }

    /** Takes one of the errors remembered, if there is one that is not too old. */
    boolean takeRemembered(long nowNanos) {
        return share.rememberedErrors().take(nowNanos);
    }

    /** The host tells by ICMP, too, that a packet does not fit the route it has for it. */
    private boolean isFromRouter(OuterError error) {
        boolean isOwn =
                error.isLocal()
                        || error.offender() != null
                                && outer.read(error.quoted())
                                && outer.isFrom(error.offender());
        return !isOwn;
    }

    /** A router older than RFC 1191 tells no MTU; Linux believes the least then, and so do we. */
    private static int mtuOf(OuterError error) {
        return error.infoMtu() == 0 ? PathMtu.LEAST_BELIEVED : error.infoMtu();
    }

    /** As Linux's ipgre_err, ipip_err, ipip6_err, ip6gre_err and ip6_tnl_err. */
    private boolean isToldToSenders(OuterError error) {
        boolean isOverIpv6 = spec.outer() instanceof OuterIpv6;
        return switch (error.kind()) {
            case NETWORK_UNREACHABLE, HOST_UNREACHABLE, PROHIBITED, UNREACHABLE -> true;
            // a parameter problem in IPv6, of which Linux's tunnels make nothing
            case PROTOCOL_UNREACHABLE -> !isOverIpv6;
            // a peer whose kernel has its own gre module answers so although it takes the packet
            case PORT_UNREACHABLE -> !(spec.header() instanceof Gre);
            case TIME_EXCEEDED -> isOverIpv6 || spec.outer().ttl() != Outer.TTL_INHERIT;
            case TOO_BIG, REASSEMBLY_TIME_EXCEEDED, PARAMETER_PROBLEM, SOURCE_ROUTE_FAILED, OTHER ->
                    false;
        };
    }

    /** Whether the error is about an inner IPv6 packet that is known well enough to be answered. */
    private boolean tellInnerIpv6Sender(ByteBuffer quoted) {
        int limit = quoted.limit();
        if (spec.payload().isEthernet() || !outer.read(quoted)) {
            return false;
        }
        int innerAt = outer.payloadAt();
        if (spec.header() instanceof Gre) {
            if (innerAt > limit || !gre.wrap(quoted, innerAt).isValid(limit - innerAt)) {
                return false;
            }
            innerAt = gre.payloadAt();
        }
        int innerBytes = limit - innerAt;
        if (innerBytes < Ipv6Header.LENGTH + LEAST_QUOTED_PAYLOAD_BYTES
                || IpVersion.of(quoted, innerAt) != IpVersion.IPV6) {
            return false;
        }
        // As Linux: where its sender may not be told, as with a solicitation to a group, it is not
        // the next packet's sender who is told instead.
        innerIcmp.writeUnreachable(quoted, innerAt, innerBytes);
        return true;
    }
}
