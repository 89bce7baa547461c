package io.culvert.tunnel;

import io.culvert.spec.Gre;
import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv6Address;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.Ipv6Template;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * An outer IPv6 header (RFC 2473), as Linux's ip6_tunnel and ip6_gre write it. It is never
 * fragmented, neither here nor on the way: every packet that is too large is answered, an IPv4 one
 * also without DF; a path that is too narrow for IPv6's 1280 bytes drops it.
 *
 * <p>Without a GRE header, ECN is copied but for CE, as in IPv4; with one, the traffic class is all
 * the inner one or none of it.
 */
final class OuterIpv6Template extends OuterTemplate {
    private final OuterIpv6 outer;
    private final Ipv6Template forIpv6;
    private final Ipv6Template forOthers;
    private final boolean hasGre;
    private final boolean inheritsClass;
    private final int protocol4;
    private final int protocol6;
    private final long remoteHigh;
    private final long remoteLow;
    private long sourceHigh;
    private long sourceLow;

    OuterIpv6Template(TunnelSpec spec, OuterIpv6 outer) {
        this.outer = outer;
        hasGre = spec.header() instanceof Gre;
        inheritsClass = outer.trafficClass() == OuterIpv6.INHERIT;
        protocol4 = spec.header().outerProtocol(IpVersion.IPV4);
        protocol6 = spec.header().outerProtocol(IpVersion.IPV6);
        remoteHigh = Ipv6Address.high(outer.remote());
        remoteLow = Ipv6Address.low(outer.remote());
        forIpv6 = new Ipv6Template(protocol6, remoteHigh, remoteLow);
        forOthers = new Ipv6Template(protocol4, remoteHigh, remoteLow);
        if (outer.local() != null) {
            setSource(outer.local());
        }
    }

    @Override
    void write(ByteBuffer memory, int at, int outerBytes, InnerPacket inner, boolean dontFragment) {
        Ipv6Template template = inner.isIpv6() ? forIpv6 : forOthers;
        template.trafficClass(trafficClass(inner))
                .flowLabel(flowLabel(memory, inner))
                .payloadLengthBytes(outerBytes - Ipv6Header.LENGTH)
                .hopLimit(outer.ttl() == Outer.TTL_INHERIT ? inner.ttl() : outer.ttl());
        if (outer.encapLimit() == OuterIpv6.NO_ENCAP_LIMIT) {
            template.write(memory, at);
        } else {
            template.writeWithLimit(memory, at, outer.encapLimit());
        }
    }

    private int trafficClass(InnerPacket inner) {
        int wanted = inheritsClass ? inner.tos() : outer.trafficClass();
        return hasGre ? wanted : wanted & ~Ecn.CE | Ecn.encapsulate(inner.tos() & Ecn.CE);
    }

    /** Linux makes a label of the flow where it has none that was asked for. */
    private int flowLabel(ByteBuffer memory, InnerPacket inner) {
        int wanted = outer.flowLabel() == OuterIpv6.INHERIT ? inner.flowLabel() : outer.flowLabel();
        return wanted != 0 ? wanted : inner.flowHash(memory);
    }

    @Override
    boolean wantsDontFragment(InnerPacket inner, int innerMtu) {
        return true;
    }

    @Override
    Oversized oversized(InnerPacket inner, int innerMtu) {
        if (inner.ipVersion() == 0) {
            return Oversized.DROP;
        }
        int ipBytes = inner.lengthBytes() - inner.linkHeaderBytes();
        return ipBytes > toldMtu(inner, innerMtu) ? Oversized.ANSWER : Oversized.DROP;
    }

    @Override
    int toldMtu(InnerPacket inner, int innerMtu) {
        return Math.max(
                innerMtu, inner.isIpv6() ? TunnelSpec.MIN_IPV6_MTU : TunnelSpec.MIN_IPV4_MTU);
    }

    /** Linux drops what comes from the remote itself, whatever it carries. */
    @Override
    boolean isOwnOuterPacket(InnerPacket inner) {
        if (!inner.isIpv6() || inner.isEthernet()) {
            return false;
        }
        Ipv6Header ip = inner.ipv6();
        return isRemote(ip.sourceHigh(), ip.sourceLow())
                || isRemote(ip.destinationHigh(), ip.destinationLow())
                        && (ip.nextHeader() == protocol4
                                || ip.nextHeader() == protocol6
                                || ip.nextHeader() == IpProtocol.IPV6_DESTINATION_OPTIONS);
    }

    private boolean isRemote(long high, long low) {
        return high == remoteHigh && low == remoteLow;
    }

    @Override
    void source(InetAddress address) {
        if (outer.local() == null) {
            setSource(address);
        }
    }

    @Override
    boolean hasSource() {
        return (sourceHigh | sourceLow) != 0;
    }

    private void setSource(InetAddress address) {
        sourceHigh = address == null ? 0 : Ipv6Address.high(address);
        sourceLow = address == null ? 0 : Ipv6Address.low(address);
        forIpv6.source(sourceHigh, sourceLow);
        forOthers.source(sourceHigh, sourceLow);
    }
}
