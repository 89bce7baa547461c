package io.culvert.device;

import io.culvert.linux.LinuxSocket;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpVersion;
import java.util.List;

/**
 * What an underlay's socket carries: one protocol over one version of IP.
 *
 * @param ipVersion the outer header's, {@link IpVersion#IPV4} or {@link IpVersion#IPV6}
 * @param number IP protocol number, such as 47 for GRE
 */
public record OuterProtocol(int ipVersion, int number) {
    /** Checks the ranges. */
    public OuterProtocol {
        if (ipVersion != IpVersion.IPV4 && ipVersion != IpVersion.IPV6) {
            throw new IllegalArgumentException("there is no outer IPv" + ipVersion);
        }
        if (number < 0 || number > 255) {
            throw new IllegalArgumentException("IP protocols are 0 to 255, not " + number);
        }
    }

    /** The protocol in packets whose outer header is IPv4. */
    public static OuterProtocol overIpv4(int number) {
        return new OuterProtocol(IpVersion.IPV4, number);
    }

    /** The protocol in packets whose outer header is IPv6, behind its extension headers if any. */
    public static OuterProtocol overIpv6(int number) {
        return new OuterProtocol(IpVersion.IPV6, number);
    }

    /** Those that a tunnel receives, one or two; by the first one it sends. */
    public static List<OuterProtocol> allOf(TunnelSpec tunnel) {
        int ipVersion = tunnel.outer().ipVersion();
        return tunnel.outerProtocols().stream()
                .map(number -> new OuterProtocol(ipVersion, number))
                .toList();
    }

    /** Whether the outer header is IPv6. */
    public boolean isOverIpv6() {
        return ipVersion == IpVersion.IPV6;
    }

    /**
     * Opens a raw socket for it.
     *
     * @param what what messages call it, such as {@code sentinel socket}
     */
    LinuxSocket openSocket(String what) {
        return LinuxSocket.open(
                isOverIpv6() ? LinuxSocket.AF_INET6 : LinuxSocket.AF_INET,
                LinuxSocket.SOCK_RAW,
                number,
                what + " for " + this);
    }

    /** For messages: {@code protocol 47}, or {@code protocol 47 over IPv6}. */
    @Override
    public String toString() {
        return "protocol " + number + (isOverIpv6() ? " over IPv6" : "");
    }
}
