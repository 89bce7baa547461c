package io.culvert.verdict;

import io.culvert.dissect.Dissection;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import io.culvert.tunnel.Ecn;
import io.culvert.verdict.Verdict.Answer;
import io.culvert.wire.EtherType;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the tunnel drivers of a Linux kernel do with a packet, as read in 6.1 to 6.17 and seen with
 * 6.1; in the order in which the kernel looks.
 *
 * <p>It supposes a kernel that has the driver. Which device must be there is said as conditions.
 */
public final class LinuxKernel {
    /** The kernel asks for so much behind the outer IP header before it reads a GRE header. */
    private static final int LEAST_GRE_BYTES = 12;

    private static final String NOT_COUNTED = "counted nowhere";
    private static final int RESERVED_LOW_BITS = 0x0f;

    private LinuxKernel() {}

    /** What it does with a packet that arrives. */
    public static Verdict judge(Dissection packet) {
        Optional<OuterPacket> found = OuterPacket.of(packet);
        if (found.isEmpty() || !(found.get().isTunnelProtocol() || found.get().hasTunnelHeader())) {
            return OuterPacket.endsTooEarly(packet)
                    .orElse(Verdict.of(Answer.IS_NO_TUNNEL_PACKET, ""));
        }
        OuterPacket outer = found.get();
        return outerHeader(outer)
                .or(() -> OuterPacket.endsTooEarly(packet))
                .or(() -> greHeader(outer))
                .or(() -> payload(outer))
                .orElseGet(() -> takes(outer));
    }

    private static Optional<Verdict> outerHeader(OuterPacket outer) {
        if (outer.isWrong(outer.ip())) {
            return drops(
                    "the outer IPv4 header's checksum is wrong; no tunnel sees it",
                    "IpInHdrErrors");
        }
        if (outer.isFragment()) {
            return Optional.of(
                    Verdict.of(Answer.WAITS, "a tunnel sees the whole packet when all are there"));
        }
        if (!outer.isIpv6()) {
            int destination = (int) outer.ip().number("destination", 0);
            if (Ipv4Address.isMulticast(destination) || destination == -1) {
                return drops("the outer destination is no single host's", NOT_COUNTED);
            }
        }
        return outer.firstError().flatMap(error -> drops(error, NOT_COUNTED));
    }

    private static Optional<Verdict> greHeader(OuterPacket outer) {
        if (outer.isEoip()) {
            return drops(
                    "GRE version 1 of type 0x6400 is MikroTik's EoIP, for which Linux has no driver",
                    NOT_COUNTED);
        }
        if (outer.isPptp()) {
            return drops(
                    "GRE version 1 is PPTP's: its driver takes it if it has the call", NOT_COUNTED);
        }
        Optional<Layer> header = outer.gre();
        if (header.isEmpty()) {
            return Optional.empty();
        }
        Layer gre = header.get();
        if (outer.udp().isEmpty() && outer.payloadBytes() < LEAST_GRE_BYTES) {
            return drops(
                    "only "
                            + outer.payloadBytes()
                            + " bytes follow the outer header and the driver asks for 12 first,"
                            + " so answers to keepalives vanish",
                    NOT_COUNTED);
        }
        if (gre.isSet("routing-present")) {
            return drops("the routing bit is set", NOT_COUNTED);
        }
        // the driver takes the octet's low seven bits for the version; ip6gre leaves one of them
        // out
        int reserved = (int) gre.number("reserved-flags", 0) & RESERVED_LOW_BITS;
        if ((outer.isIpv6() ? reserved & ~1 : reserved) != 0) {
            return drops(
                    "reserved flags are set, which the driver reads as a version", NOT_COUNTED);
        }
        if (outer.isWrong(gre)) {
            return drops("the GRE checksum is wrong", NOT_COUNTED);
        }
        return Optional.empty();
    }

    private static Optional<Verdict> payload(OuterPacket outer) {
        int type = outer.protocolType();
        boolean isPlain = outer.gre().map(LinuxKernel::isPlain).orElse(false);
        if (outer.gre().isPresent()) {
            switch (type) {
                case EtherType.IPV4, EtherType.IPV6 -> {}
                case EtherType.TEB, EtherType.ERSPAN, EtherType.ERSPAN_III -> {
                    return Optional.empty();
                }
                case EtherType.WCCP -> {
                    if (!isPlain) {
                        return drops("WCCP is taken only without GRE options", "rx_dropped");
                    }
                }
                default -> {
                    return drops(
                            "a gre device with these addresses and key counts it and does not know"
                                    + " what to do with protocol type "
                                    + outer.gre().get().field("protocol-type").orElseThrow().text(),
                            "rx_packets and rx_dropped");
                }
            }
        }
        if (outer.inner().isEmpty()) {
            return drops("there is no inner packet of the kind announced", "rx_length_errors");
        }
        Layer inner = outer.inner().get();
        if (!outer.isInnerAsAnnounced()) {
            return otherVersion(outer, inner);
        }
        int ecn = Ecn.decapsulate((int) inner.number("ecn", 0), (int) outer.ip().number("ecn", 0));
        if (ecn == Ecn.DROP) {
            return drops(
                    "the outer header says congestion, which the inner packet cannot carry",
                    "rx_frame_errors");
        }
        return outer.firstInnerError()
                .flatMap(
                        error ->
                                drops(
                                        "the tunnel takes it, and IP drops the inner packet: "
                                                + error,
                                        isIpv6(inner)
                                                ? "Ip6InHdrErrors or Ip6InTruncatedPkts"
                                                : "IpInHdrErrors or IpInTruncatedPkts"));
    }

    /** The drivers go by what was announced, and leave it to IP to look at the version. */
    private static Optional<Verdict> otherVersion(OuterPacket outer, Layer inner) {
        String error = outer.firstInnerError().orElseThrow();
        int leastBytes = isIpv6(inner) ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH;
        return inner.wireBytes() < leastBytes
                ? drops(error + ", and it is shorter than that header", "rx_length_errors")
                : drops(
                        "the tunnel takes it, and IP drops the inner packet: " + error,
                        isIpv6(inner) ? "IpInHdrErrors" : "Ip6InHdrErrors");
    }

    private static boolean isIpv6(Layer ip) {
        return ip.protocol() == Protocol.IPV6;
    }

    private static Verdict takes(OuterPacket outer) {
        List<String> conditions = new ArrayList<>();
        Layer ip = outer.ip();
        StringBuilder device = new StringBuilder("there is " + device(outer) + " device, up, with");
        device.append(" remote ").append(ip.value("source")).append(" (or any), local ");
        device.append(ip.value("destination")).append(" (or any)");
        outer.gre()
                .ifPresent(
                        gre -> {
                            device.append(
                                    gre.has("key") ? ", ikey " + gre.value("key") : ", no ikey");
                            device.append(gre.isSet("checksum-present") ? ", icsum" : ", no icsum");
                            device.append(gre.isSet("sequence-present") ? "" : ", no iseq");
                        });
        conditions.add(device.toString());
        outer.udp()
                .ifPresent(
                        udp ->
                                conditions.add(
                                        "UDP port "
                                                + udp.value("destination-port")
                                                + " is opened for it: ip fou add port "
                                                + udp.value("destination-port")
                                                + listener(outer)));
        outer.gre()
                .filter(gre -> gre.isSet("sequence-present"))
                .ifPresent(
                        gre ->
                                conditions.add(
                                        "it has no iseq, or expects no number above "
                                                + gre.value("sequence-number")));
        boolean isOwnSource =
                outer.inner()
                        .filter(inner -> inner.value("source").equals(ip.value("destination")))
                        .isPresent();
        if (isOwnSource) {
            conditions.add(
                    "it is asked to take its own address as an inner source: accept_local=1,"
                            + " rp_filter=0 and ip_forward=1");
        }
        return Verdict.takes("", outer.udp().isPresent() ? "" : withoutDevice(outer), conditions);
    }

    private static String device(OuterPacket outer) {
        String six = outer.isIpv6() ? "6" : "";
        if (outer.gre().isPresent()) {
            return switch (outer.protocolType()) {
                case EtherType.TEB -> outer.isIpv6() ? "an ip6gretap" : "a gretap";
                case EtherType.ERSPAN, EtherType.ERSPAN_III ->
                        outer.isIpv6() ? "an ip6erspan" : "an erspan";
                default -> outer.isIpv6() ? "an ip6gre" : "a gre";
            };
        }
        boolean isIpv6Inside = isIpv6(outer.inner().orElseThrow());
        if (!six.isEmpty()) {
            return "an ip6tnl " + (isIpv6Inside ? "(ip6ip6 or any)" : "(ipip6 or any)");
        }
        return isIpv6Inside ? "a sit" : "an ipip";
    }

    private static String listener(OuterPacket outer) {
        if (outer.isGue()) {
            return " gue";
        }
        if (outer.gre().isPresent()) {
            return " ipproto " + IpProtocol.GRE;
        }
        boolean isIpv6Inside = isIpv6(outer.inner().orElseThrow());
        return " ipproto " + (isIpv6Inside ? IpProtocol.IPV6 : IpProtocol.IPIP);
    }

    private static String withoutDevice(OuterPacket outer) {
        return outer.isIpv6()
                ? "without such a device: ICMPv6 port unreachable (1/4)"
                : "without such a device: ICMP port unreachable (3/3)";
    }

    private static boolean isPlain(Layer gre) {
        return !gre.isSet("checksum-present")
                && !gre.isSet("key-present")
                && !gre.isSet("sequence-present");
    }

    private static Optional<Verdict> drops(String reason, String counter) {
        return Optional.of(Verdict.drops(reason, counter));
    }
}
