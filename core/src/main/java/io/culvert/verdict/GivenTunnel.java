package io.culvert.verdict;

import io.culvert.dissect.Dissection;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Words;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.KeepaliveReceiver;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import io.culvert.verdict.Verdict.Answer;
import io.culvert.wire.EtherType;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * What one of our tunnels does with a packet, found out by the decapsulator itself. Sequence
 * numbers count from packet to packet, as in a running tunnel. Confined to one thread.
 */
public final class GivenTunnel {
    private static final int MOST_PACKET_BYTES = 65_535;

    private final TunnelSpec spec;
    private final Decapsulator decapsulator;
    private final BatchPool pool =
            new BatchPool(1, 1, MOST_PACKET_BYTES, PacketSlab.MemorySource.WITHOUT_ADDRESS);

    /** A tunnel as just brought up. */
    public GivenTunnel(TunnelSpec spec) {
        this.spec = spec;
        TunnelEndpoint endpoint = new TunnelEndpoint(spec, 0, 0);
        if (spec.hasGreKeepalives()) {
            endpoint.keepaliveReceiver(new EveryAnswer(), IpProtocol.GRE);
        }
        this.decapsulator = new Decapsulator(new TunnelTable(List.of(endpoint)));
    }

    /**
     * What it does with a packet that arrives.
     *
     * @param bytes what the packet was read from, not changed
     * @param at where its first byte is
     */
    public Verdict judge(Dissection packet, ByteBuffer bytes, int at) {
        Optional<OuterPacket> found = OuterPacket.of(packet);
        if (found.isEmpty()) {
            return Verdict.of(Answer.IS_NO_TUNNEL_PACKET, "");
        }
        OuterPacket outer = found.get();
        if (!outer.isTunnelProtocol()) {
            return Verdict.of(Answer.IS_NO_TUNNEL_PACKET, "");
        }
        int version = spec.outer().ipVersion();
        if (outer.isIpv6() != (version == IpVersion.IPV6)) {
            return Verdict.drops(
                    "its outer packets are IPv" + version, DropReason.NO_TUNNEL.label());
        }
        if (outer.isWrong(outer.ip())) {
            return Verdict.drops(
                    "the host drops it before: the outer header's checksum is wrong",
                    "IpInHdrErrors");
        }
        if (outer.isFragment()) {
            return Verdict.of(Answer.WAITS, "the host puts fragments together for it");
        }
        int ipAt = outer.ip().offset();
        if (packet.capturedBytes() < packet.wireBytes()) {
            int missing = packet.wireBytes() - packet.capturedBytes();
            return Verdict.of(
                    Answer.CANNOT_TELL, "the capture lacks " + Words.count(missing, "byte"));
        }
        return trial(outer, bytes, at + ipAt, packet.capturedBytes() - ipAt);
    }

    private Verdict trial(OuterPacket outer, ByteBuffer bytes, int at, int lengthBytes) {
        if (lengthBytes > MOST_PACKET_BYTES) {
            return Verdict.drops("it is longer than IP allows", DropReason.OUTER_MALFORMED.label());
        }
        PacketBatch batch = pool.acquire();
        try {
            batch.memory().put(batch.nextPacketAt(), bytes, at, lengthBytes);
            int slot = batch.append(lengthBytes);
            decapsulator.decapsulate(batch);
            return outcome(outer, batch, slot);
        } finally {
            batch.release();
        }
    }

    private Verdict outcome(OuterPacket outer, PacketBatch batch, int slot) {
        DropReason reason = batch.dropReason(slot);
        if (reason != null) {
            return Verdict.drops(reason.description() + details(reason, outer), reason.label());
        }
        if (batch.replacement(slot) != null) {
            return Verdict.takes(
                    "as the answer to its keepalive",
                    "",
                    List.of("it has \"keepalive\" and has sent the request"));
        }
        String reply = outer.isKeepaliveRequest() ? "and answers it: it is a keepalive" : "";
        return Verdict.takes(reply, "", List.of());
    }

    /** Waits for every answer to a keepalive; what it is asked, it lets pass. */
    private static final class EveryAnswer implements KeepaliveReceiver {
        @Override
        public boolean takeAnswer(int number, long nowNanos) {
            return true;
        }

        @Override
        public void takeDecapsulated(
                PacketBatch batch, int slot, int outerSource, int outerDestination) {}
    }

    /** What the packet has and the tunnel wants, where that says more than the reason. */
    private String details(DropReason reason, OuterPacket outer) {
        Optional<Layer> gre = outer.gre();
        String key = gre.map(g -> g.value("key")).orElse("");
        String wanted =
                spec.gre().inputKey().isPresent() ? unsigned(spec.gre().inputKey().getAsInt()) : "";
        return switch (reason) {
            case KEY_MISSING -> ": it wants " + wanted + "; \"noikey\" lifts that";
            case KEY_UNEXPECTED -> ": " + key + "; with \"key " + key + "\" it would take it";
            case KEY_MISMATCH -> ": " + key + ", and it wants " + wanted;
            case CHECKSUM_MISSING -> "; \"noicsum\" lifts that";
            case CHECKSUM_UNEXPECTED -> "; \"icsum\" lets it in";
            case SEQUENCE_MISSING -> "; \"noiseq\" lifts that";
            case INNER_VERSION -> ": " + outer.firstInnerError().orElse("");
            case NO_TUNNEL -> addresses(outer);
            default -> "";
        };
    }

    private String addresses(OuterPacket outer) {
        String source = outer.ip().value("source");
        String destination = outer.ip().value("destination");
        String remote = text(spec.remote());
        String local = text(spec.local());
        if (destination.equals(remote) && (local.isEmpty() || source.equals(local))) {
            return "; it goes to its remote, so it is one that the tunnel sends";
        }
        if (!remote.isEmpty() && !source.equals(remote)) {
            return ": it is from " + source + ", and its remote is " + remote;
        }
        if (!local.isEmpty() && !destination.equals(local)) {
            return ": it is to " + destination + ", and its local is " + local;
        }
        boolean isErspan =
                outer.protocolType() == EtherType.ERSPAN
                        || outer.protocolType() == EtherType.ERSPAN_III;
        return isErspan ? ": it is ERSPAN's" : ": its mode is " + spec.word();
    }

    private static String text(InetAddress address) {
        return address == null ? "" : Ipv6Address.format(address);
    }

    private static String unsigned(int key) {
        return Integer.toUnsignedString(key);
    }
}
