package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.EtherType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the peer's GRE packets carry what a tunnel for IP takes, or are another protocol's. */
final class PayloadFindings {
    private static final int TYPE_OF_HUAWEI = 0x0003; // its keepalives

    private final TunnelSpec spec;
    private final String remote;
    private final String ours;
    private final List<OuterSight> packets;

    /**
     * @param ours the address that the peer has to send to, as text
     * @param packets from the remote
     */
    PayloadFindings(TunnelSpec spec, String remote, String ours, List<OuterSight> packets) {
        this.spec = spec;
        this.remote = remote;
        this.ours = ours;
        this.packets = packets.stream().filter(o -> !isKeepalive(o)).toList();
    }

    /** Those that are meant for a tunnel such as this one: only their options can be judged. */
    static List<OuterSight> meantForIp(List<OuterSight> packets) {
        return packets.stream().filter(o -> kind(o) == null).toList();
    }

    /** What is foreign of what the peer sends; nothing when nothing is. */
    Optional<Finding> foreign(boolean isAnswered) {
        Map<String, GreSight> firsts = new LinkedHashMap<>();
        Map<String, Long> counts = new LinkedHashMap<>();
        for (OuterSight packet : packets) {
            String kind = kind(packet);
            if (kind != null) {
                firsts.putIfAbsent(kind, packet.gre());
                counts.merge(kind, 1L, Long::sum);
            }
        }
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(e -> finding(e.getKey(), e.getValue(), firsts.get(e.getKey()), isAnswered));
    }

    private Finding finding(String kind, long count, GreSight first, boolean isAnswered) {
        boolean isAll = count == packets.size() && !isAnswered;
        String evidence =
                "%d of %d packets from %s carry %s".formatted(count, packets.size(), remote, kind);
        return isAll
                ? Finding.error(
                        "peer-payload",
                        evidence,
                        sender(first)
                                + "; "
                                + spec.name()
                                + " carries IP, so it drops these. Both ends must be of one kind",
                        "on the peer: ip tunnel add NAME mode gre remote "
                                + ours
                                + " local "
                                + remote
                                + keyWords())
                : Finding.warning(
                        "peer-payload",
                        evidence,
                        sender(first)
                                + "; "
                                + spec.name()
                                + " carries IP, so it drops these. IP packets are not concerned",
                        "culvert trace --drops " + spec.name());
    }

    /** The peer's key is the one that we take. */
    private String keyWords() {
        return spec.gre().inputKey().isEmpty()
                ? ""
                : " okey " + Integer.toUnsignedString(spec.gre().inputKey().getAsInt());
    }

    private static boolean isKeepalive(OuterSight packet) {
        GreSight gre = packet.gre();
        return gre != null
                && gre.version() == 0
                && (gre.protocolType() == EtherType.KEEPALIVE
                        || gre.protocolType() == TYPE_OF_HUAWEI);
    }

    /** The payload's name and number; null for one that a tunnel takes. */
    private static String kind(OuterSight packet) {
        GreSight gre = packet.gre();
        if (gre == null || isKeepalive(packet)) {
            return null;
        }
        int type = gre.protocolType();
        if (gre.version() == 1 && type == EtherType.EOIP) {
            return "Ethernet over IP (EoIP) of tunnel id " + eoipTunnel(gre);
        }
        if (gre.version() == 1) {
            return "PPTP (GRE version 1) of call " + (gre.key().orElse(0) & 0xffff);
        }
        if (gre.version() != 0) {
            return "GRE version " + gre.version();
        }
        if (type == EtherType.IPV4 || type == EtherType.IPV6 || type == EtherType.WCCP) {
            return null;
        }
        String name = EtherType.name(type);
        return (name.isEmpty() ? "protocol type" : name) + " (0x%04x)".formatted(type);
    }

    /** It is little-endian, behind the payload's length. */
    private static int eoipTunnel(GreSight gre) {
        return Integer.reverseBytes(gre.key().orElse(0)) >>> 16;
    }

    /** Who sends such packets. */
    private static String sender(GreSight gre) {
        if (gre.version() == 1) {
            return gre.protocolType() == EtherType.EOIP
                    ? "the peer bridges by MikroTik's EoIP"
                    : "the peer speaks PPTP, a VPN that is no GRE tunnel; its call number is no key";
        }
        return switch (gre.protocolType()) {
            case EtherType.TEB -> "the peer bridges (gretap)" + nvgre(gre);
            case EtherType.ERSPAN, EtherType.ERSPAN_III ->
                    "the peer mirrors the traffic of its ports to this host (ERSPAN)";
            case EtherType.MPLS, EtherType.MPLS_UPSTREAM -> "the peer labels its packets (MPLS)";
            case EtherType.OSI -> "the peer routes by IS-IS over its tunnel";
            case EtherType.CISCO_METADATA ->
                    "the peer puts Cisco metadata before its packets, such as security group tags";
            case EtherType.NHRP -> "the peer looks for next hops by NHRP, as DMVPN does";
            default -> "the peer sends another protocol than IP";
        };
    }

    /** NVGRE is gretap whose key is a virtual subnet and a flow (RFC 7637 section 3.2). */
    private static String nvgre(GreSight gre) {
        if (gre.key().isEmpty()) {
            return "";
        }
        int key = gre.key().getAsInt();
        return ", or is an NVGRE switch: key %s is virtual subnet %d, flow %d"
                .formatted(Integer.toUnsignedString(key), key >>> 8, key & 0xff);
    }
}
