package io.culvert.survey;

import io.culvert.dissect.Dissection;
import io.culvert.dissect.Field;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import io.culvert.wire.IpVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * One encapsulation in a packet: from an outer IP header to what it carries.
 *
 * <pre>
 * outer IP [extensions] [UDP [GUE]] [GRE [ERSPAN, WCCP ...]] | payload
 * </pre>
 *
 * @param depth 1 for the outermost of the packet
 * @param outer the outer IP header
 * @param udp the UDP header around it; null without
 * @param gue the GUE header around it; null without
 * @param gre the GRE header of any version; null without
 * @param beforeNext the last of these
 * @param next what follows it; null when nothing does
 * @param payload the Ethernet frame or IP packet inside; null when it is something else
 * @param last the last header of the whole packet
 */
public record TunnelHeader(
        int depth,
        TunnelKind kind,
        Layer outer,
        Layer udp,
        Layer gue,
        Layer gre,
        Layer beforeNext,
        Layer next,
        Layer payload,
        Layer last) {

    private static final int ETHERNET_HEADER_BYTES = 14;

    /**
     * The encapsulations of a packet, from the outermost to the innermost; may be empty. One whose
     * headers are cut short, and so do not tell which tunnel it is, is none of them.
     */
    public static List<TunnelHeader> of(Dissection packet) {
        return new Search(packet.own()).run();
    }

    /** Whether the capture ends where it cannot be told yet whether the packet is tunnelled. */
    public static boolean isUntold(Dissection packet) {
        List<Layer> own = packet.own();
        Layer last = own.isEmpty() ? null : own.get(own.size() - 1);
        return last != null
                && last.isCutShort()
                && switch (last.protocol()) {
                    case ARP, TCP, ICMP, ICMPV6 -> false;
                    default -> true;
                };
    }

    /**
     * Whether this is a keepalive: a GRE packet for its own sender to send back, without payload,
     * or EoIP's, which asks for nothing.
     */
    public boolean isKeepalive() {
        boolean isEoip = gre != null && gre.protocol() == Protocol.EOIP;
        return isEoip
                ? gre.has("payload-length") && !gre.isSet("payload-length")
                : next != null && next.protocol() == Protocol.KEEPALIVE;
    }

    /**
     * Whether the capture ends before the packet inside, or before it can be told whether there is
     * one.
     */
    public boolean isCutShort() {
        return payload == null
                ? last.isCutShort() || last.protocol() == Protocol.DATA && last.fields().isEmpty()
                : payload.isCutShort() && payload.lengthBytes() == 0;
    }

    /** Whether it carries IPv6 where its header announces IPv4, or the other way around. */
    public boolean isOtherVersionInside() {
        int announced = beforeNext.announcedIpVersion();
        return payload != null
                && payload.equals(next)
                && payload.protocol().isIp()
                && announced != 0
                && (announced == IpVersion.IPV4) != (payload.protocol() == Protocol.IPV4);
    }

    /** Length of the outer packet on the wire, header included. */
    public int outerBytes() {
        return outer.ipBytes().orElse(outer.wireBytes());
    }

    /**
     * Length of the IP packet inside, of an Ethernet frame without its header: what has to fit the
     * tunnel's MTU. On the wire, however little of it was captured; 0 when nothing is inside, and
     * when the rest of a fragmented packet would have to be known.
     */
    public int innerBytes() {
        if (payload == null) {
            return 0;
        }
        if (payload.protocol().isIp()) {
            int rest = outer.isSet("more-fragments") ? 0 : payload.wireBytes();
            return payload.ipBytes().orElse(rest);
        }
        return Math.max(0, payload.wireBytes() - ETHERNET_HEADER_BYTES);
    }

    /**
     * What the tunnel carries, in one word: {@code ipv4}, {@code keepalive}, {@code nothing}, or
     * the name or number of a GRE protocol type.
     */
    public String inside() {
        if (next != null && next.protocol() == Protocol.DATA && gre != null) {
            String type = gre.field("protocol-type").map(Field::shortText).orElse("");
            return gre.protocol() == Protocol.GRE && gre.number("version", 0) == 0 ? type : "data";
        }
        Layer named = next != null && next.protocol() == Protocol.ERSPAN ? payload : next;
        return named == null ? "nothing" : named.protocol().label();
    }

    /** Goes through the layers and remembers what may belong to an encapsulation. */
    private static final class Search {
        private final List<Layer> layers;
        private final List<TunnelHeader> found = new ArrayList<>();
        private Layer outer;
        private Layer udp;
        private Layer gue;

        Search(List<Layer> layers) {
            this.layers = layers;
        }

        List<TunnelHeader> run() {
            for (int i = 0; i < layers.size(); i++) {
                step(i);
            }
            return List.copyOf(found);
        }

        private void step(int i) {
            Layer layer = layers.get(i);
            switch (layer.protocol()) {
                case IPV4, IPV6 -> {
                    if (outer != null) {
                        add(TunnelKind.ofIpIn(outer, layers.get(i - 1), layer), null, i);
                    }
                    begin(layer);
                }
                case GRE, PPTP, EOIP -> {
                    if (outer != null && isTold(i)) {
                        add(TunnelKind.ofGre(outer, layer), layer, i + 1);
                    }
                    begin(null);
                }
                case MPLS -> {
                    if (outer != null) {
                        add(TunnelKind.MPLS, null, i);
                    }
                    begin(null);
                }
                case UDP -> udp = layer;
                case GUE -> gue = layer;
                case IPV6_HOP_BY_HOP,
                        IPV6_ROUTING,
                        IPV6_FRAGMENT,
                        IPV6_DESTINATION_OPTIONS -> {} // these belong to the outer header
                default -> {
                    if (outer != null && gue != null) {
                        add(TunnelKind.GUE, null, i);
                    }
                    begin(null);
                }
            }
        }

        /** Whether all is there that tells this tunnel from others: its kind and its key. */
        private boolean isTold(int i) {
            boolean isErspan =
                    i + 1 < layers.size() && layers.get(i + 1).protocol() == Protocol.ERSPAN;
            return !layers.get(i).isCutShort() && !(isErspan && layers.get(i + 1).isCutShort());
        }

        private void begin(Layer newOuter) {
            outer = newOuter;
            udp = null;
            gue = null;
        }

        private void add(TunnelKind kind, Layer gre, int nextIndex) {
            Layer next = nextIndex < layers.size() ? layers.get(nextIndex) : null;
            found.add(
                    new TunnelHeader(
                            found.size() + 1,
                            kind,
                            outer,
                            udp,
                            gue,
                            gre,
                            layers.get(nextIndex - 1),
                            next,
                            payload(nextIndex),
                            layers.get(layers.size() - 1)));
        }

        /** The first frame or packet behind the shims that GRE may carry. */
        private Layer payload(int from) {
            for (int i = from; i < layers.size(); i++) {
                Layer layer = layers.get(i);
                switch (layer.protocol()) {
                    case IPV4, IPV6, ETHERNET -> {
                        return layer.lengthBytes() > 0 || layer.isCutShort() ? layer : null;
                    }
                    case ERSPAN, WCCP, CISCO_METADATA, PPP, MPLS -> {}
                    default -> {
                        return null;
                    }
                }
            }
            return null;
        }
    }
}
