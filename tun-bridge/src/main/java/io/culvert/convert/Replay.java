package io.culvert.convert;

import io.culvert.convert.IpPackets.IpPacket;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.observe.CapturedPacket;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.GreKeepaliveAnswer;
import io.culvert.tunnel.KeepaliveReceiver;
import io.culvert.tunnel.QuotedOuter;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Receives captured packets as one tunnel's end would, by the same code, and says what became of
 * each. Fragments are put together first, as the host does. Confined to one thread.
 */
public final class Replay {
    private final TunnelSpec spec;
    private final IpPackets packets;
    private final PacketBatch batch = PacketBatch.standalone(1, PacketSlab.MAX_PACKET_BYTES);
    private final Decapsulator decapsulator;
    private final QuotedOuter outer = new QuotedOuter();

    /** How a packet fared. */
    public enum Fate {
        /** The device would have got the inner packet. */
        DELIVERED("delivered"),
        /** It was dropped for a reason. */
        DROPPED("dropped"),
        /** It was taken and answered as a keepalive. */
        KEEPALIVE("keepalive"),
        /** It is on its way from this end to the other. */
        OUTBOUND("sent by this end"),
        /** No raw socket of a tunnel gets it. */
        OTHER("no packet of the tunnel's outer IP version and of protocol 47, 4 or 41"),
        /** A fragment that waits for the rest of its packet, or no IP packet at all. */
        HELD("a fragment, or no IP packet"),
        /** The capture lacks its end. */
        CUT_SHORT("cut short by the capture");

        private final String description;

        Fate(String description) {
            this.description = description;
        }

        /** In words. */
        public String description() {
            return description;
        }
    }

    /**
     * What became of a packet.
     *
     * @param reason why it was dropped; null when it was not
     * @param innerBytes length of what was delivered; 0 otherwise
     * @param layers of the outer packet; null when it is not whole yet
     */
    public record Outcome(Fate fate, DropReason reason, int innerBytes, Dissection layers) {}

    /**
     * @param spec the receiving tunnel
     * @param dissector takes the packets apart
     */
    public Replay(TunnelSpec spec, Dissector dissector) {
        this.spec = spec;
        this.packets = new IpPackets(dissector, true);
        TunnelEndpoint endpoint = new TunnelEndpoint(spec, 0, 0);
        if (spec.hasGreKeepalives()) {
            endpoint.keepaliveReceiver(new Requests(spec), IpProtocol.GRE);
        }
        this.decapsulator = new Decapsulator(new TunnelTable(List.of(endpoint)));
    }

    /** Takes the peer's requests; answers to requests of ours are not waited for. */
    private record Requests(GreKeepaliveAnswer answer) implements KeepaliveReceiver {
        Requests(TunnelSpec spec) {
            this(new GreKeepaliveAnswer(spec.gre()));
        }

        @Override
        public boolean takeAnswer(int number, long nowNanos) {
            return false;
        }

        @Override
        public void takeDecapsulated(
                PacketBatch batch, int slot, int outerSource, int outerDestination) {
            boolean isRequest =
                    answer.isRequest(
                            batch.memory(),
                            batch.start(slot),
                            batch.lengthBytes(slot),
                            outerSource);
            if (isRequest) {
                batch.replace(slot, PacketBatch.Replacement.KEEPALIVE);
            }
        }
    }

    /** Receives a packet. */
    public Outcome take(CapturedPacket frame, int linkType) {
        long cutBefore = packets.cutShort();
        IpPacket packet = packets.of(frame, linkType).orElse(null);
        if (packet == null) {
            Fate fate = packets.cutShort() > cutBefore ? Fate.CUT_SHORT : Fate.HELD;
            return new Outcome(fate, null, 0, null);
        }
        Fate refused = refused(packet);
        if (refused != null) {
            return new Outcome(refused, null, 0, packet.layers());
        }
        batch.clear();
        batch.memory().put(batch.nextPacketAt(), packet.bytes(), 0, packet.wireBytes());
        batch.append(packet.wireBytes());
        decapsulator.decapsulate(batch);
        DropReason reason = batch.dropReason(0);
        if (reason != null) {
            return new Outcome(Fate.DROPPED, reason, 0, packet.layers());
        }
        if (batch.replacement(0) != null) {
            return new Outcome(Fate.KEEPALIVE, null, 0, packet.layers());
        }
        return new Outcome(Fate.DELIVERED, null, batch.lengthBytes(0), packet.layers());
    }

    /** Why the tunnel would not even see it; null when it would. */
    private Fate refused(IpPacket packet) {
        ByteBuffer bytes = packet.bytes();
        boolean isIpv6 = IpVersion.of(bytes, 0) == IpVersion.IPV6;
        if (isIpv6 != spec.outer() instanceof OuterIpv6) {
            return Fate.OTHER;
        }
        if (!outer.read(bytes)) {
            return packet.isWhole() ? Fate.OTHER : Fate.CUT_SHORT;
        }
        boolean isOfTunnel =
                switch (outer.protocol()) {
                    case IpProtocol.GRE, IpProtocol.IPIP, IpProtocol.IPV6 -> true;
                    default -> false;
                };
        if (!isOfTunnel) {
            return Fate.OTHER;
        }
        if (outer.isTo(spec.remote()) && (spec.local() == null || outer.isFrom(spec.local()))) {
            return Fate.OUTBOUND;
        }
        boolean isWhole = packet.isWhole() && packet.wireBytes() <= PacketSlab.MAX_PACKET_BYTES;
        return isWhole ? null : Fate.CUT_SHORT;
    }

    /** Packets of which some fragments are missing. */
    public long incomplete() {
        return packets.incomplete();
    }
}
