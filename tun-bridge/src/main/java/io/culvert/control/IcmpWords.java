package io.culvert.control;

import io.culvert.tunnel.OuterError;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Ipv4Address;

/** ICMP errors about outer packets in words, as tcpdump's reader knows them. */
public final class IcmpWords {
    private IcmpWords() {}

    /** For example {@code port unreachable (3/3) from 192.0.2.2}. */
    public static String of(OuterError error) {
        if (error.isLocal()) {
            return "refused by this host (error " + error.errno() + ")";
        }
        String mtu = error.infoMtu() > 0 ? ", mtu " + error.infoMtu() : "";
        return meaning(error.type(), error.code())
                + " ("
                + error.type()
                + "/"
                + error.code()
                + mtu
                + ") from "
                + Ipv4Address.format(error.offenderIpv4());
    }

    private static String meaning(int type, int code) {
        return switch (type) {
            case Icmpv4Message.DESTINATION_UNREACHABLE -> unreachable(code);
            case Icmpv4Message.TIME_EXCEEDED ->
                    code == Icmpv4Message.TTL_EXCEEDED_IN_TRANSIT
                            ? "ttl exceeded in transit"
                            : "reassembly time exceeded";
            case Icmpv4Message.PARAMETER_PROBLEM -> "parameter problem";
            case Icmpv4Message.SOURCE_QUENCH -> "source quench";
            case Icmpv4Message.REDIRECT -> "redirect";
            default -> "icmp error";
        };
    }

    private static String unreachable(int code) {
        return switch (code) {
            case Icmpv4Message.NET_UNREACHABLE -> "network unreachable";
            case Icmpv4Message.HOST_UNREACHABLE -> "host unreachable";
            case Icmpv4Message.PROTOCOL_UNREACHABLE -> "protocol unreachable";
            case Icmpv4Message.PORT_UNREACHABLE -> "port unreachable";
            case Icmpv4Message.FRAGMENTATION_NEEDED -> "fragmentation needed";
            case Icmpv4Message.SOURCE_ROUTE_FAILED -> "source route failed";
            case Icmpv4Message.ADMINISTRATIVELY_PROHIBITED -> "administratively prohibited";
            default -> "destination unreachable";
        };
    }
}
