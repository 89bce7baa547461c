package io.culvert.convert;

import io.culvert.capture.CaptureOutput;
import io.culvert.convert.IpPackets.IpPacket;
import io.culvert.dissect.Dissector;
import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.IcmpErrors;
import io.culvert.tunnel.IdentificationSequence;
import io.culvert.tunnel.InnerIcmp;
import io.culvert.tunnel.PacketOutlet;
import io.culvert.tunnel.PathMtu;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Sends captured packets into a tunnel whose wire is a file: what {@code culvert run} would have
 * put on the wire, by the same code. Confined to one thread.
 */
public final class Encapsulation {
    private static final int LEAST_FRAGMENT_PAYLOAD_BYTES = 8;
    private static final int MOST_HEADER_BYTES = 60;

    private final IpPackets packets = new IpPackets(new Dissector(), false);
    private final PacketBatch batch = PacketBatch.standalone(1, PacketSlab.MAX_PACKET_BYTES);
    private final PacketBatch fragments;
    private final Encapsulator encapsulator;
    private final CaptureOutput output;
    private final int interfaceId;
    private final Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    private long frames;
    private long encapsulated;
    private long inFragments;
    private long cutShort;

    /**
     * @param spec the tunnel, with a remote address
     * @param underlayMtu the largest outer packet, in bytes
     */
    public Encapsulation(TunnelSpec spec, int underlayMtu, CaptureOutput output)
            throws IOException {
        PathMtu pathMtu = new PathMtu(underlayMtu);
        fragments = roomForFragments(spec, underlayMtu);
        PacketOutlet wire = () -> fragments.isFull() ? null : fragments;
        PacketBatch answers = PacketBatch.standalone(1, TunnelSpec.MIN_IPV6_MTU);
        InnerIcmp innerIcmp =
                new InnerIcmp(
                        () -> {
                            answers.clear();
                            return answers;
                        },
                        spec.payload());
        IcmpErrors icmpErrors = new IcmpErrors(spec, pathMtu, innerIcmp);
        encapsulator =
                new Encapsulator(
                        spec,
                        pathMtu,
                        icmpErrors,
                        innerIcmp,
                        wire,
                        IdentificationSequence.after(0));
        this.output = output;
        interfaceId =
                output.addInterface(CaptureInterface.of(spec.word(), CaptureInterface.RAW_IP));
    }

    /** For the largest packet with the longest header, which is repeated in every fragment. */
    private static PacketBatch roomForFragments(TunnelSpec spec, int underlayMtu) {
        int room = underlayMtu - spec.overheadBytes() - MOST_HEADER_BYTES;
        int payloadBytes = Math.max(LEAST_FRAGMENT_PAYLOAD_BYTES, room & -8);
        int most = PacketSlab.MAX_PACKET_BYTES / payloadBytes + 1;
        int slotBytes = Math.max(underlayMtu, MOST_HEADER_BYTES + LEAST_FRAGMENT_PAYLOAD_BYTES);
        return PacketBatch.standalone(most, Math.min(slotBytes, PacketSlab.MAX_PACKET_BYTES));
    }

    /** Encapsulates a packet and writes what comes of it. */
    public void take(CapturedPacket frame, int linkType) throws IOException {
        frames++;
        IpPacket packet = packets.of(frame, linkType).orElse(null);
        if (packet == null) {
            return;
        }
        if (!packet.isWhole() || packet.wireBytes() > PacketSlab.MAX_PACKET_BYTES) {
            cutShort++;
            return;
        }
        batch.clear();
        fragments.clear();
        batch.memory().put(batch.nextPacketAt(), packet.bytes(), 0, packet.wireBytes());
        batch.append(packet.wireBytes());
        encapsulator.encapsulate(batch, frame.epochNanos());
        DropReason reason = batch.dropReason(0);
        if (reason != null) {
            drops.merge(reason, 1L, Long::sum);
            return;
        }
        encapsulated++;
        if (batch.replacement(0) == null) {
            write(frame, batch, 0);
            return;
        }
        inFragments++;
        for (int slot = 0; slot < fragments.size(); slot++) {
            write(frame, fragments, slot);
        }
    }

    private void write(CapturedPacket frame, PacketBatch from, int slot) throws IOException {
        int bytes = from.lengthBytes(slot);
        ByteBuffer outer = from.memory().slice(from.start(slot), bytes);
        output.write(
                new CapturedPacket(
                        interfaceId,
                        frame.epochNanos(),
                        outer,
                        bytes,
                        CapturedPacket.Direction.OUTBOUND,
                        List.of()));
    }

    /** All packets that were read. */
    public long frames() {
        return frames;
    }

    /** Packets that were encapsulated, those in fragments included. */
    public long encapsulated() {
        return encapsulated;
    }

    /** Packets that were too big to go in one piece. */
    public long inFragments() {
        return inFragments;
    }

    /** Packets of which the capture lacks the end. */
    public long cutShort() {
        return cutShort + packets.cutShort();
    }

    /** Frames without an IP packet. */
    public long notIp() {
        return packets.notIp();
    }

    /** What the tunnel would not have sent, and why. */
    public Map<DropReason, Long> drops() {
        return new EnumMap<>(drops);
    }
}
