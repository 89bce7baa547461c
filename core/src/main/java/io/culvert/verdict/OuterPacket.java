package io.culvert.verdict;

import io.culvert.dissect.ChecksumState;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Problem;
import io.culvert.dissect.Protocol;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import java.util.List;
import java.util.Optional;

/** The outermost tunnel of a packet: the layers that its receiver looks at. */
final class OuterPacket {
    private final List<Layer> layers;
    private final int ipIndex;
    private final int payloadIndex;
    private final int tunnelIndex;

    private OuterPacket(List<Layer> layers, int ipIndex) {
        this.layers = layers;
        this.ipIndex = ipIndex;
        int payload = ipIndex + 1;
        while (payload < layers.size() && isExtension(layers.get(payload).protocol())) {
            payload++;
        }
        this.payloadIndex = payload;
        int tunnel = payload;
        if (is(tunnel, Protocol.UDP)) {
            tunnel++;
            tunnel += is(tunnel, Protocol.GUE) ? 1 : 0;
        }
        this.tunnelIndex = tunnel;
    }

    /** Empty when the packet has no IP header. */
    static Optional<OuterPacket> of(Dissection packet) {
        List<Layer> own = packet.own();
        for (int i = 0; i < own.size(); i++) {
            if (own.get(i).protocol().isIp()) {
                return Optional.of(new OuterPacket(own, i));
            }
        }
        return Optional.empty();
    }

    Layer ip() {
        return layers.get(ipIndex);
    }

    boolean isIpv6() {
        return ip().protocol() == Protocol.IPV6;
    }

    /** An {@link IpProtocol}: what the IP header with its extensions says it carries. */
    int protocol() {
        Layer last = layers.get(payloadIndex - 1);
        String field = last.protocol() == Protocol.IPV4 ? "protocol" : "next-header";
        return (int) last.number(field, -1);
    }

    /** Whether it is a protocol of tunnels that stand directly on IP. */
    boolean isTunnelProtocol() {
        return switch (protocol()) {
            case IpProtocol.GRE, IpProtocol.IPIP, IpProtocol.IPV6 -> true;
            default -> false;
        };
    }

    /** The UDP header around the tunnel, as with FOU, GUE and GRE-in-UDP. */
    Optional<Layer> udp() {
        return is(payloadIndex, Protocol.UDP) && hasTunnelHeader()
                ? Optional.of(layers.get(payloadIndex))
                : Optional.empty();
    }

    boolean isGue() {
        return is(payloadIndex + 1, Protocol.GUE);
    }

    /** Whether a tunnel's header, or directly an inner packet, follows. */
    boolean hasTunnelHeader() {
        if (tunnelIndex >= layers.size()) {
            return false;
        }
        Protocol protocol = layers.get(tunnelIndex).protocol();
        return switch (protocol) {
            case GRE, PPTP, EOIP, IPV4, IPV6 -> true;
            default -> false;
        };
    }

    /** The GRE header, of version 0. */
    Optional<Layer> gre() {
        return at(tunnelIndex).filter(layer -> layer.protocol() == Protocol.GRE);
    }

    boolean isPptp() {
        return is(tunnelIndex, Protocol.PPTP);
    }

    boolean isEoip() {
        return is(tunnelIndex, Protocol.EOIP);
    }

    /** The inner packet that stands directly behind the tunnel's headers, if it is IP. */
    Optional<Layer> inner() {
        int index = tunnelIndex;
        if (gre().isPresent()) {
            index++;
            index += is(index, Protocol.WCCP) ? 1 : 0;
        }
        return at(index).filter(layer -> layer.protocol().isIp());
    }

    /** Whether this is a piece of an outer packet. */
    boolean isFragment() {
        return layers.subList(ipIndex, payloadIndex).stream()
                .anyMatch(l -> l.isSet("more-fragments") || l.isSet("fragment-offset"));
    }

    /** How many bytes follow the outer IP header with its extensions. */
    int payloadBytes() {
        int start = layers.get(payloadIndex - 1).end();
        return endOfPacket() - start;
    }

    /** GRE type of the payload; -1 without a GRE header. */
    int protocolType() {
        return (int) gre().map(gre -> gre.number("protocol-type", -1)).orElse(-1L).longValue();
    }

    /**
     * That the capture ends too early to judge the packet: before the tunnel's headers and the
     * inner one are over. Empty when it does not.
     */
    static Optional<Verdict> endsTooEarly(Dissection packet) {
        List<Layer> own = packet.own();
        Layer last = own.isEmpty() ? null : own.get(own.size() - 1);
        boolean isTold =
                last == null
                        || !last.isCutShort()
                        || of(packet)
                                .flatMap(OuterPacket::inner)
                                .filter(inner -> !inner.equals(last))
                                .isPresent();
        return isTold
                ? Optional.empty()
                : Optional.of(
                        Verdict.of(
                                Verdict.Answer.CANNOT_TELL,
                                "the capture ends in the "
                                        + last.protocol().title()
                                        + (last.protocol() == Protocol.DATA ? "" : " header")));
    }

    /** The first error of the layers from the outer IP header to the tunnel's. */
    Optional<String> firstError() {
        return firstError(
                ipIndex, Math.min(tunnelIndex + (inner().isPresent() ? 0 : 1), layers.size()));
    }

    /** The first error of the inner packet's header. */
    Optional<String> firstInnerError() {
        return inner().map(layers::indexOf).flatMap(index -> firstError(index, index + 1));
    }

    /** Whether the inner packet is of the IP version that the header before it announces. */
    boolean isInnerAsAnnounced() {
        int announced =
                inner().map(inner -> layers.get(layers.indexOf(inner) - 1))
                        .map(Layer::announcedIpVersion)
                        .orElse(0);
        return announced == 0
                || announced
                        == IpVersion.IPV4
                        == (inner().orElseThrow().protocol() == Protocol.IPV4);
    }

    /** Whether the inner packet is the answer that a keepalive asks for. */
    boolean isKeepaliveRequest() {
        return inner().isPresent()
                && layers.stream().anyMatch(layer -> layer.protocol() == Protocol.KEEPALIVE);
    }

    boolean isWrong(Layer layer) {
        return layer.checksum() == ChecksumState.BAD;
    }

    private Optional<String> firstError(int from, int to) {
        return layers.subList(from, to).stream()
                .flatMap(layer -> layer.problems().stream())
                .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                .map(Problem::sentence)
                .findFirst();
    }

    private int endOfPacket() {
        return ip().offset() + ip().ipBytes().orElse(ip().wireBytes());
    }

    private Optional<Layer> at(int index) {
        return index < layers.size() ? Optional.of(layers.get(index)) : Optional.empty();
    }

    private boolean is(int index, Protocol protocol) {
        return at(index).filter(layer -> layer.protocol() == protocol).isPresent();
    }

    private static boolean isExtension(Protocol protocol) {
        return switch (protocol) {
            case IPV6_HOP_BY_HOP, IPV6_ROUTING, IPV6_FRAGMENT, IPV6_DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }
}
