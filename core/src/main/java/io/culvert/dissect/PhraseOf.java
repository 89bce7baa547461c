package io.culvert.dissect;

import java.util.List;
import java.util.Optional;

/** The few words that a layer adds to a packet's line. */
final class PhraseOf {
    private static final String[] TCP_FLAGS = {
        "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"
    };
    private static final String TCP_LETTERS = "FSRP.UEW";

    private PhraseOf() {}

    /** Empty for a layer that is not worth a word. */
    static String layer(List<Layer> layers, int index) {
        Layer layer = layers.get(index);
        return switch (layer.protocol()) {
            case ETHERNET -> ethernet(layers, index);
            case LINUX_SLL, LINUX_SLL2, LOOPBACK -> "";
            case VLAN -> "vlan " + layer.value("vlan");
            case IPV4, IPV6 -> ip(layers, index);
            case IPV6_HOP_BY_HOP, IPV6_DESTINATION_OPTIONS ->
                    layer.has("tunnel-encapsulation-limit")
                            ? "encaplimit " + layer.value("tunnel-encapsulation-limit")
                            : "";
            case IPV6_ROUTING -> "routing type " + layer.value("routing-type");
            case IPV6_FRAGMENT -> fragment(layer);
            case GRE -> gre(layer);
            case EOIP -> eoip(layer);
            case PPTP -> "gre1 call " + layer.value("call-id");
            case ARP -> arp(layer);
            case MPLS -> "mpls " + layer.value("label");
            case ERSPAN -> "erspan session " + layer.value("session-id");
            case KEEPALIVE -> "keepalive";
            case PPP -> "ppp";
            case WCCP -> "wccp";
            case CISCO_METADATA -> "cmd";
            case NHRP -> "nhrp";
            case GUE -> "gue";
            case UDP -> "udp" + length(layer, "length", 8);
            case TCP -> tcp(layers, index);
            case ICMP, ICMPV6 -> icmp(layers, index);
            case DATA -> "";
        };
    }

    /** Worth more than a word only where it carries what has no addresses of its own. */
    private static String ethernet(List<Layer> layers, int index) {
        if (announces(layers, index)) {
            return index > 0 ? "eth" : "";
        }
        Layer frame = layers.get(index);
        if (!frame.has("ether-type")) {
            return "ethernet cut short";
        }
        String addresses = frame.value("source") + " > " + frame.value("destination");
        return addresses + " " + frame.field("ether-type").map(PhraseOf::name).orElse("");
    }

    private static String ip(List<Layer> layers, int index) {
        Layer ip = layers.get(index);
        if (!ip.has("destination")) {
            return (ip.lengthBytes() > 0 || ip.isCutShort())
                    ? ip.protocol().label() + " cut short"
                    : "no " + ip.protocol().label();
        }
        Optional<Layer> ports = transport(layers, index);
        String source =
                ip.value("source") + ports.map(t -> "." + t.value("source-port")).orElse("");
        String destination =
                ip.value("destination")
                        + ports.map(t -> "." + t.value("destination-port")).orElse("");
        StringBuilder words = new StringBuilder(source + " > " + destination);
        if (ip.isSet("more-fragments") || ip.isSet("fragment-offset")) {
            words.append(' ').append(fragment(ip));
        }
        if (!announces(layers, index)) {
            String field = ip.protocol() == Protocol.IPV4 ? "protocol" : "next-header";
            ip.field(field).ifPresent(f -> words.append(' ').append(name(f)));
        }
        return words.toString();
    }

    /** Whether a layer that says itself what it is follows. */
    private static boolean announces(List<Layer> layers, int index) {
        return index + 1 < layers.size() && layers.get(index + 1).protocol() != Protocol.DATA;
    }

    private static Optional<Layer> transport(List<Layer> layers, int index) {
        for (int i = index + 1; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            if (layer.protocol() == Protocol.UDP || layer.protocol() == Protocol.TCP) {
                return layer.has("destination-port") ? Optional.of(layer) : Optional.empty();
            }
            if (!layer.protocol().name().startsWith("IPV6_")) {
                break;
            }
        }
        return Optional.empty();
    }

    private static String gre(Layer gre) {
        StringBuilder words = new StringBuilder("gre");
        gre.field("key").ifPresent(key -> words.append(" key ").append(key.value()));
        gre.field("sequence-number").ifPresent(s -> words.append(" seq ").append(s.value()));
        if (gre.isSet("checksum-present")) {
            words.append(gre.checksum() == ChecksumState.BAD ? " csum wrong" : " csum");
        }
        gre.field("protocol-type")
                .filter(type -> type.meaning().isEmpty())
                .ifPresent(type -> words.append(" type ").append(type.value()));
        return words.toString();
    }

    private static String eoip(Layer eoip) {
        String id = eoip.has("tunnel-id") ? "EoIP, tunnel id " + eoip.value("tunnel-id") : "EoIP";
        boolean isKeepalive = eoip.has("payload-length") && !eoip.isSet("payload-length");
        return isKeepalive ? id + ", keepalive" : id;
    }

    private static String tcp(List<Layer> layers, int index) {
        Layer tcp = layers.get(index);
        StringBuilder flags = new StringBuilder();
        for (int i = 0; i < TCP_FLAGS.length; i++) {
            if (tcp.isSet(TCP_FLAGS[i])) {
                flags.append(TCP_LETTERS.charAt(i));
            }
        }
        StringBuilder words = new StringBuilder("tcp [" + flags + "]");
        words.append(" seq ").append(tcp.value("sequence-number"));
        if (tcp.isSet("ack")) {
            words.append(", ack ").append(tcp.value("acknowledgment-number"));
        }
        words.append(", win ").append(tcp.value("window"));
        tcp.field("mss").ifPresent(mss -> words.append(", mss ").append(mss.value()));
        if (tcp.has("data-offset")) {
            long bytes = tcp.wireBytes() - tcp.number("data-offset", 0) * 4;
            words.append(", length ").append(Math.max(0, bytes));
        }
        return words.toString();
    }

    private static String icmp(List<Layer> layers, int index) {
        Layer icmp = layers.get(index);
        StringBuilder words = new StringBuilder(icmp.protocol().label());
        icmp.field("code")
                .filter(code -> !code.meaning().isEmpty())
                .or(() -> icmp.field("type"))
                .ifPresent(field -> words.append(' ').append(name(field)));
        icmp.field("identifier").ifPresent(id -> words.append(", id ").append(id.value()));
        icmp.field("sequence-number").ifPresent(s -> words.append(", seq ").append(s.value()));
        icmp.field("target").ifPresent(target -> words.append(", for ").append(target.value()));
        if (icmp.has("identifier")) {
            words.append(", length ").append(icmp.wireBytes());
        }
        if (icmp.isSet("mtu") || icmp.isSet("next-hop-mtu")) {
            words.append(", mtu ").append(icmp.value("mtu")).append(icmp.value("next-hop-mtu"));
        }
        return words.toString();
    }

    private static String arp(Layer arp) {
        return switch ((int) arp.number("operation", 0)) {
            case 1 -> "arp who-has " + arp.value("target-ip") + " tell " + arp.value("sender-ip");
            case 2 -> "arp " + arp.value("sender-ip") + " is-at " + arp.value("sender-mac");
            default -> "arp operation " + arp.value("operation");
        };
    }

    private static String length(Layer layer, String field, int headerBytes) {
        return layer.field(field).map(f -> " length " + (f.number() - headerBytes)).orElse("");
    }

    private static String fragment(Layer layer) {
        return "frag "
                + layer.value("identification")
                + " at "
                + layer.number("fragment-offset", 0) * 8
                + (layer.isSet("more-fragments") ? "+" : "");
    }

    private static String name(Field field) {
        return field.meaning().isEmpty() ? field.name() + " " + field.value() : field.meaning();
    }
}
