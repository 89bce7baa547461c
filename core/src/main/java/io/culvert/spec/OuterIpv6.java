package io.culvert.spec;

import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv6Header;
import java.net.Inet6Address;

/**
 * An outer IPv6 header (RFC 2473, RFC 8200). It is never fragmented. Immutable.
 *
 * @param local our outer address; null when the route decides per packet
 * @param remote the peer's outer address; null for any
 * @param link the underlay device the tunnel is bound to; null for any
 * @param ttl hop limit 1 to 255, or {@link #TTL_INHERIT}
 * @param trafficClass 0 to 255, or {@link #INHERIT} for the inner packet's
 * @param flowLabel 1 to 0xfffff; 0 for one that is made of the inner flow; {@link #INHERIT} for the
 *     inner packet's
 * @param encapLimit how often a packet may be encapsulated again on the way (RFC 2473 §4.1.1), 0 to
 *     255; {@link #NO_ENCAP_LIMIT} to send none
 * @param copiesDscp whether a received packet's outer DSCP becomes the inner one; {@code dscp
 *     inherit}
 * @param allowsLocalRemote whether the remote may be an address of this host
 */
public record OuterIpv6(
        Inet6Address local,
        Inet6Address remote,
        String link,
        int ttl,
        int trafficClass,
        int flowLabel,
        int encapLimit,
        boolean copiesDscp,
        boolean allowsLocalRemote)
        implements Outer {

    /** Traffic class or flow label of the inner packet. */
    public static final int INHERIT = -1;

    /** {@code encaplimit none}. */
    public static final int NO_ENCAP_LIMIT = -1;

    /** Linux's {@code encaplimit} when nobody says. */
    public static final int DEFAULT_ENCAP_LIMIT = 4;

    /** Linux's {@code hoplimit} when nobody says. */
    public static final int DEFAULT_HOP_LIMIT = 64;

    public static final int MOST_FLOW_LABEL = 0xf_ffff;

    /** Bytes of the Destination Options header that has the limit. */
    public static final int ENCAP_LIMIT_BYTES = 8;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public OuterIpv6 {
        Outer.check(local, remote);
        if (ttl < 0 || ttl > 255) {
            throw new IllegalArgumentException("hoplimit " + ttl + " is not 1 to 255 or inherit");
        }
        if (trafficClass < INHERIT || trafficClass > 255) {
            throw new IllegalArgumentException(
                    "tclass " + trafficClass + " is not 0 to 255 or inherit");
        }
        if (flowLabel < INHERIT || flowLabel > MOST_FLOW_LABEL) {
            throw new IllegalArgumentException(
                    "flowlabel " + flowLabel + " is not 0 to 0xfffff or inherit");
        }
        if (encapLimit < NO_ENCAP_LIMIT || encapLimit > 255) {
            throw new IllegalArgumentException(
                    "encaplimit " + encapLimit + " is not 0 to 255 or none");
        }
    }

    @Override
    public int ipVersion() {
        return IpVersion.IPV6;
    }

    @Override
    public int headerBytes() {
        return Ipv6Header.LENGTH + (encapLimit == NO_ENCAP_LIMIT ? 0 : ENCAP_LIMIT_BYTES);
    }

    @Override
    public boolean pmtudisc() {
        return true;
    }
}
