package io.culvert.doctor.peer;

import io.culvert.spec.Gre;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.TunnelSpec;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** The outer packets that were seen, by whom they concern. */
final class PeerTraffic {
    private final TunnelSpec spec;
    private final int ours;
    private final int remote;
    private final List<TunnelSpec> others;
    private final List<OuterSight> outer;

    PeerTraffic(PeerExamination examination, Sightings sightings) {
        this.spec = examination.spec();
        this.ours = ByteBuffer.wrap(examination.ours().getAddress()).getInt();
        this.remote = ((OuterIpv4) spec.outer()).remoteBits();
        this.others =
                examination.others().stream()
                        .filter(other -> other.outer() instanceof OuterIpv4)
                        .toList();
        this.outer = sightings.outer();
    }

    /** Those that this host sent to the remote. */
    long sent() {
        return outer.stream().filter(o -> o.isOutgoing() && o.destination() == remote).count();
    }

    /** From the remote to the tunnel's local address, and no other tunnel's. */
    List<OuterSight> fromPeer() {
        return received().stream()
                .filter(o -> isFromRemote(o) && isToLocal(o) && !isOthers(o))
                .toList();
    }

    /** From the remote to another address of this host, and no other tunnel's. */
    List<OuterSight> toAnotherAddress() {
        return received().stream()
                .filter(o -> isFromRemote(o) && !isToLocal(o) && !isOthers(o))
                .toList();
    }

    /** From others, but as the tunnel would take them from the remote. */
    List<OuterSight> fromAnotherAddress() {
        return received().stream()
                .filter(o -> !isFromRemote(o) && isToLocal(o) && !isOthers(o))
                .filter(o -> hasKeyOf(spec, o))
                .toList();
    }

    /** From the remote, for another tunnel of this host. */
    long fromPeerForOthers() {
        return received().stream().filter(o -> isFromRemote(o) && isOthers(o)).count();
    }

    /** On a host that is its own peer, what is sent is what comes in. */
    private List<OuterSight> received() {
        return outer.stream()
                .filter(o -> !o.isOutgoing())
                .filter(o -> o.source() != ours || o.destination() != remote)
                .toList();
    }

    private boolean isFromRemote(OuterSight packet) {
        return packet.source() == remote;
    }

    private boolean isToLocal(OuterSight packet) {
        return spec.local() == null || isTo(spec, packet);
    }

    private boolean isOthers(OuterSight packet) {
        return others.stream()
                .anyMatch(
                        other ->
                                ((OuterIpv4) other.outer()).remoteBits() == packet.source()
                                        && (other.local() == null || isTo(other, packet))
                                        && other.outerProtocols().contains(packet.protocol())
                                        && hasKeyOf(other, packet));
    }

    private static boolean hasKeyOf(TunnelSpec tunnel, OuterSight packet) {
        return !(tunnel.header() instanceof Gre gre)
                || packet.gre() != null && packet.gre().key().equals(gre.inputKey());
    }

    private static boolean isTo(TunnelSpec tunnel, OuterSight packet) {
        return ((OuterIpv4) tunnel.outer()).localBits() == packet.destination();
    }

    /** The most frequent of the packets' addresses. */
    static Inet4Address most(List<OuterSight> packets, ToIntFunction<OuterSight> address) {
        Map<Integer, Long> counts = new LinkedHashMap<>();
        packets.forEach(o -> counts.merge(address.applyAsInt(o), 1L, Long::sum));
        int bits =
                counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
        byte[] octets = ByteBuffer.allocate(Integer.BYTES).putInt(bits).array();
        try {
            return (Inet4Address) InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for other lengths
        }
    }
}
