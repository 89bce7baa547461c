package io.culvert.control;

import io.culvert.tunnel.OuterError;
import java.net.Inet6Address;

/** ICMP errors about outer packets in words, as tcpdump's reader knows them. */
public final class IcmpWords {
    private IcmpWords() {}

    /** For example {@code port unreachable (3/3) from 192.0.2.2}. */
    public static String of(OuterError error) {
        if (error.isLocal()) {
            return "refused by this host (error " + error.errno() + ")";
        }
        boolean isIpv6 = error.offender() instanceof Inet6Address;
        String mtu = error.infoMtu() > 0 ? ", mtu " + error.infoMtu() : "";
        return (isIpv6 ? meaning6(error) : meaning4(error))
                + " ("
                + error.type()
                + "/"
                + error.code()
                + mtu
                + ") from "
                + sender(error);
    }

    /** Who sent an ICMP error; {@code unknown} when the kernel does not tell. */
    public static String sender(OuterError error) {
        return error.offender() == null ? "unknown" : AddressWords.text(error.offender());
    }

    private static String meaning4(OuterError error) {
        return switch (error.kind()) {
            case TOO_BIG -> "fragmentation needed";
            case NETWORK_UNREACHABLE -> "network unreachable";
            case HOST_UNREACHABLE -> "host unreachable";
            case PROHIBITED -> "administratively prohibited";
            case UNREACHABLE -> "destination unreachable";
            case PORT_UNREACHABLE -> "port unreachable";
            case PROTOCOL_UNREACHABLE -> "protocol unreachable";
            case TIME_EXCEEDED -> "ttl exceeded in transit";
            case REASSEMBLY_TIME_EXCEEDED -> "reassembly time exceeded";
            case PARAMETER_PROBLEM -> "parameter problem";
            case SOURCE_ROUTE_FAILED -> "source route failed";
            case OTHER -> "icmp error";
        };
    }

    /** Where ICMPv6 has other words. */
    private static String meaning6(OuterError error) {
        return switch (error.kind()) {
            case TOO_BIG -> "packet too big";
            case NETWORK_UNREACHABLE -> "no route";
            case HOST_UNREACHABLE -> "address unreachable";
            case PROTOCOL_UNREACHABLE -> "unrecognized next header";
            case TIME_EXCEEDED -> "hop limit exceeded in transit";
            case OTHER -> "icmpv6 error";
            case PROHIBITED,
                    UNREACHABLE,
                    PORT_UNREACHABLE,
                    REASSEMBLY_TIME_EXCEEDED,
                    PARAMETER_PROBLEM,
                    SOURCE_ROUTE_FAILED ->
                    meaning4(error);
        };
    }
}
