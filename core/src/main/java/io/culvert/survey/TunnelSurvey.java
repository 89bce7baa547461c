package io.culvert.survey;

import io.culvert.dissect.ChecksumState;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import io.culvert.wire.IpProtocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tunnels that a stream of packets shows, one entry a direction.
 *
 * <p>Memory is bounded: beyond the most tunnels that it was made for, packets of further ones are
 * only counted. Confined to one thread.
 */
public final class TunnelSurvey {
    private static final int MOST_FRAGMENTED = 1024;
    private static final int ETHERNET_MTU = 1500;

    private final int mostTunnels;
    private final Map<TunnelId, SeenTunnel> tunnels = new LinkedHashMap<>();
    private final Map<FragmentId, SeenTunnel> fragmented =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<FragmentId, SeenTunnel> eldest) {
                    return size() > MOST_FRAGMENTED;
                }
            };
    private long packets;
    private long tunnelled;
    private long beyondMost;
    private long strayFragments;
    private long cutShort;

    private record FragmentId(
            String source, String destination, long identification, long protocol) {}

    /**
     * @param mostTunnels how many are told apart, 1 or more
     */
    public TunnelSurvey(int mostTunnels) {
        this.mostTunnels = mostTunnels;
    }

    /**
     * Takes note of a packet.
     *
     * @param epochNanos when it was seen
     * @return its encapsulations; empty when it is not tunnelled
     */
    public List<TunnelHeader> add(Dissection packet, long epochNanos) {
        packets++;
        List<TunnelHeader> headers = TunnelHeader.of(packet);
        if (headers.isEmpty()) {
            cutShort += TunnelHeader.isUntold(packet) ? 1 : 0;
            addLaterFragment(packet, epochNanos);
            return headers;
        }
        tunnelled++;
        for (TunnelHeader header : headers) {
            boolean isAnswered =
                    header.depth() < headers.size()
                            && isReturnTicket(header, headers.get(header.depth()));
            add(packet, header, epochNanos, isAnswered || header.isKeepalive());
            if (isAnswered) {
                break;
            }
        }
        return headers;
    }

    /**
     * Whether what a tunnel carries is a Cisco keepalive's answer, addressed to the keepalive's own
     * sender. That is not a tunnel inside of the tunnel, but the keepalive of this one.
     */
    private static boolean isReturnTicket(TunnelHeader around, TunnelHeader header) {
        return header.isKeepalive()
                && around.outer().value("source").equals(header.outer().value("destination"))
                && around.outer().value("destination").equals(header.outer().value("source"));
    }

    private void add(Dissection packet, TunnelHeader header, long epochNanos, boolean isKeepalive) {
        SeenTunnel tunnel = tunnel(TunnelId.of(header));
        if (tunnel == null) {
            beyondMost++;
            return;
        }
        boolean isFirstFragment = header.outer().isSet("more-fragments");
        tunnel.add(header, epochNanos, isFirstFragment, isKeepalive);
        if (isLargerThanLinks(packet, header)) {
            tunnel.addJoined();
        } else {
            tunnel.addInnerBytes(header.innerBytes());
        }
        if (isFirstFragment) {
            fragmented.put(fragmentId(header.outer()), tunnel);
        }
        if (header.outer().protocol() == Protocol.IPV6) {
            addEncapsulationLimit(packet, header, tunnel);
        }
    }

    /**
     * Whether this is no packet of the wire: the host has joined several, or is to split one, and
     * left the checksum to be completed. With a complete checksum it is one of a link with jumbo
     * frames.
     */
    private static boolean isLargerThanLinks(Dissection packet, TunnelHeader header) {
        return header.innerBytes() > ETHERNET_MTU
                && packet.own().stream()
                        .filter(layer -> layer.offset() > header.payload().offset())
                        .anyMatch(l -> l.checksum() == ChecksumState.LEFT_TO_HARDWARE);
    }

    private static void addEncapsulationLimit(
            Dissection packet, TunnelHeader header, SeenTunnel tunnel) {
        packet.layers().stream()
                .dropWhile(layer -> layer.offset() <= header.outer().offset())
                .takeWhile(layer -> layer.protocol() == Protocol.IPV6_DESTINATION_OPTIONS)
                .filter(layer -> layer.has("tunnel-encapsulation-limit"))
                .forEach(
                        layer ->
                                tunnel.addEncapsulationLimit(
                                        layer.number("tunnel-encapsulation-limit", 0)));
    }

    private void addLaterFragment(Dissection packet, long epochNanos) {
        Layer ip = packet.first(Protocol.IPV4).orElse(null);
        if (ip == null || ip.isQuoted() || !ip.isSet("fragment-offset")) {
            return;
        }
        SeenTunnel tunnel = fragmented.get(fragmentId(ip));
        if (tunnel != null) {
            tunnel.addFragment(ip, (int) ip.number("total-length", 0), epochNanos);
            tunnelled++;
        } else if (isOfTunnel(ip)) {
            strayFragments++;
        }
    }

    private static boolean isOfTunnel(Layer ip) {
        return switch ((int) ip.number("protocol", 0)) {
            case IpProtocol.GRE, IpProtocol.IPIP, IpProtocol.IPV6 -> true;
            default -> false;
        };
    }

    private SeenTunnel tunnel(TunnelId id) {
        SeenTunnel known = tunnels.get(id);
        if (known != null || tunnels.size() >= mostTunnels) {
            return known;
        }
        SeenTunnel tunnel = new SeenTunnel(id);
        tunnels.put(id, tunnel);
        return tunnel;
    }

    private static FragmentId fragmentId(Layer ip) {
        return new FragmentId(
                ip.value("source"),
                ip.value("destination"),
                ip.number("identification", 0),
                ip.number("protocol", 0));
    }

    /**
     * The tunnels in the order in which they were first seen, but both directions of one side by
     * side.
     */
    public List<SeenTunnel> tunnels() {
        Map<TunnelPair, List<SeenTunnel>> pairs = new LinkedHashMap<>();
        for (SeenTunnel tunnel : tunnels.values()) {
            pairs.computeIfAbsent(TunnelPair.of(tunnel.id()), pair -> new ArrayList<>())
                    .add(tunnel);
        }
        return pairs.values().stream().flatMap(List::stream).toList();
    }

    /** Two addresses in whatever order, and what else both directions have in common. */
    private record TunnelPair(int depth, TunnelKind kind, String low, String high) {
        static TunnelPair of(TunnelId id) {
            boolean isInOrder = id.source().compareTo(id.destination()) <= 0;
            return new TunnelPair(
                    id.depth(),
                    id.kind(),
                    isInOrder ? id.source() : id.destination(),
                    isInOrder ? id.destination() : id.source());
        }
    }

    /** All packets, tunnelled or not. */
    public long packets() {
        return packets;
    }

    /** Packets that were tunnelled. */
    public long tunnelled() {
        return tunnelled;
    }

    /** Encapsulations that are not in the list because it was full. */
    public long beyondMost() {
        return beyondMost;
    }

    /** Fragments of tunnel packets whose first fragment was not seen. */
    public long strayFragments() {
        return strayFragments;
    }

    /** Packets of which the capture ends before it tells whether, or in which tunnel, they are. */
    public long cutShort() {
        return cutShort;
    }

    /** How many tunnels are told apart. */
    public int mostTunnels() {
        return mostTunnels;
    }
}
