package io.culvert.dissect;

import java.util.List;
import java.util.Optional;

/**
 * A packet taken apart. Immutable.
 *
 * @param link what the packet begins with
 * @param capturedBytes how much of the packet there was to read
 * @param wireBytes how long it was on the wire
 * @param layers from the outermost to the innermost; what an ICMP error quotes comes last
 */
public record Dissection(LinkType link, int capturedBytes, int wireBytes, List<Layer> layers) {
    public Dissection {
        layers = List.copyOf(layers);
    }

    /** The outermost layer of a protocol. */
    public Optional<Layer> first(Protocol protocol) {
        return layers.stream().filter(layer -> layer.protocol() == protocol).findFirst();
    }

    /** Whether the packet has a layer of that protocol, quotes left out. */
    public boolean has(Protocol protocol) {
        return own().stream().anyMatch(layer -> layer.protocol() == protocol);
    }

    /** The layers that are the packet's own and not quoted by an ICMP error. */
    public List<Layer> own() {
        return layers.stream().filter(layer -> !layer.isQuoted()).toList();
    }

    /** The innermost IP header that is the packet's own. */
    public Optional<Layer> innermostIp() {
        return own().stream().filter(layer -> layer.protocol().isIp()).reduce((a, b) -> b);
    }

    /** The worst of all problems; empty where there are none. */
    public Optional<Problem.Severity> worst() {
        return layers.stream()
                .flatMap(layer -> layer.problems().stream())
                .map(Problem::severity)
                .max(Enum::compareTo);
    }
}
