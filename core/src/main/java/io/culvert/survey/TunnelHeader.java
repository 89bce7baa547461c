package io.culvert.survey;

import io.culvert.dissect.Dissection;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
 * @param next what follows the last of these; null when nothing does
 * @param payload the Ethernet frame or IP packet inside; null when it is something else
 */
public record TunnelHeader(
        int depth,
        TunnelKind kind,
        Layer outer,
        Layer udp,
        Layer gue,
        Layer gre,
        Layer next,
        Layer payload) {

    private static final int ETHERNET_HEADER_BYTES = 14;

    /** The encapsulations of a packet, from the outermost to the innermost; may be empty. */
    public static List<TunnelHeader> of(Dissection packet) {
        return new Search(packet.own()).run();
    }

    /**
     * Whether this is a keepalive: a GRE packet for its own sender to send back, without payload.
     */
    public boolean isKeepalive() {
        return next != null && next.protocol() == Protocol.KEEPALIVE;
    }

    /** Length of the outer packet, header included, as its IP header says. */
    public int outerBytes() {
        return ipBytes(outer).orElse(outer.lengthBytes());
    }

    /**
     * Length of the IP packet inside, of an Ethernet frame without its header: what has to fit the
     * tunnel's MTU. 0 when nothing is inside.
     */
    public int innerBytes() {
        if (payload == null) {
            return 0;
        }
        int rest = Math.max(0, outer.offset() + outerBytes() - payload.offset());
        return payload.protocol().isIp()
                ? ipBytes(payload).orElse(rest)
                : Math.max(0, rest - ETHERNET_HEADER_BYTES);
    }

    /** What the tunnel carries, in one word: {@code ipv4}, {@code keepalive}, {@code nothing}. */
    public String inside() {
        Layer named = next != null && next.protocol() == Protocol.ERSPAN ? payload : next;
        return named == null ? "nothing" : named.protocol().label();
    }

    /** Empty for a length of 0, which segmentation in hardware leaves. */
    private static Optional<Integer> ipBytes(Layer ip) {
        boolean isIpv4 = ip.protocol() == Protocol.IPV4;
        long length = ip.number(isIpv4 ? "total-length" : "payload-length", 0);
        if (length == 0) {
            return Optional.empty();
        }
        return Optional.of((int) length + (isIpv4 ? 0 : ip.lengthBytes()));
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
                        add(TunnelKind.ofIpIn(outer, layer), null, i);
                    }
                    begin(layer);
                }
                case GRE, PPTP -> {
                    if (outer != null) {
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
                            next,
                            payload(nextIndex)));
        }

        /** The first frame or packet behind the shims that GRE may carry. */
        private Layer payload(int from) {
            for (int i = from; i < layers.size(); i++) {
                Layer layer = layers.get(i);
                switch (layer.protocol()) {
                    case IPV4, IPV6, ETHERNET -> {
                        return layer.lengthBytes() == 0 ? null : layer;
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
