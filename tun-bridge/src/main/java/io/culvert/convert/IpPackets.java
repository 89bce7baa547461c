package io.culvert.convert;

import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.Layer;
import io.culvert.dissect.LinkType;
import io.culvert.dissect.Protocol;
import io.culvert.observe.CapturedPacket;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The IP packets in captured frames of any link type, without what stands before and behind them.
 * Confined to one thread.
 */
final class IpPackets {
    private final Dissector dissector;
    private final Reassembly reassembly;
    private long notIp;
    private long cutShort;
    private long fragmentsHeld;

    /**
     * @param isReassembling whether fragments are held until their packet is whole, as a host does
     *     with what it receives; otherwise each of them is a packet
     */
    IpPackets(Dissector dissector, boolean isReassembling) {
        this.dissector = dissector;
        this.reassembly = isReassembling ? new Reassembly() : null;
    }

    /**
     * A packet from its IP header on.
     *
     * @param bytes from position 0 to its end, or to where the capture cut it short
     * @param wireBytes how long it was
     * @param layers of these bytes
     */
    record IpPacket(ByteBuffer bytes, int wireBytes, Dissection layers) {
        boolean isWhole() {
            return bytes.capacity() >= wireBytes;
        }
    }

    /** The packet in a frame; empty when there is none, or when it is not whole yet. */
    Optional<IpPacket> of(CapturedPacket frame, int linkTypeNumber) {
        Optional<Dissection> layers =
                LinkType.of(linkTypeNumber)
                        .map(type -> dissect(type, frame.bytes(), frame.originalBytes()));
        Optional<Layer> ip = layers.flatMap(IpPackets::outermostIp);
        boolean isCutBefore =
                ip.isPresent()
                        ? ip.get().offset() >= frame.capturedBytes()
                        : layers.filter(IpPackets::endsInLinkHeader).isPresent();
        if (isCutBefore) {
            cutShort++;
            return Optional.empty();
        }
        if (ip.isEmpty()) {
            notIp++;
            return Optional.empty();
        }
        int offset = ip.get().offset();
        int wireBytes = ip.get().wireBytes();
        int bytes = Math.min(wireBytes, frame.capturedBytes() - offset);
        ByteBuffer packet = frame.bytes().slice(frame.bytes().position() + offset, bytes);
        return reassembly != null && isWholeFragment(ip.get(), packet, wireBytes)
                ? reassembled(packet)
                : Optional.of(ipPacket(packet, wireBytes));
    }

    private Optional<IpPacket> reassembled(ByteBuffer fragment) {
        ByteBuffer whole = reassembly.add(fragment);
        if (whole == null) {
            fragmentsHeld++;
            return Optional.empty();
        }
        return Optional.of(ipPacket(whole, whole.capacity()));
    }

    private static boolean isWholeFragment(Layer ip, ByteBuffer packet, int wireBytes) {
        return ip.protocol() == Protocol.IPV4
                && mayBeTunnelled((int) ip.number("protocol", 0))
                && packet.capacity() == wireBytes
                && new Ipv4Header().wrap(packet, 0).isValid(packet.capacity())
                && new Ipv4Header().wrap(packet, 0).isFragment();
    }

    /** Fragments of anything else are not ours to put together. */
    private static boolean mayBeTunnelled(int protocol) {
        return switch (protocol) {
            case IpProtocol.GRE,
                    IpProtocol.IPIP,
                    IpProtocol.IPV6,
                    IpProtocol.MPLS,
                    IpProtocol.UDP ->
                    true;
            default -> false;
        };
    }

    private IpPacket ipPacket(ByteBuffer packet, int wireBytes) {
        return new IpPacket(packet, wireBytes, dissect(LinkType.RAW_IP, packet, wireBytes));
    }

    private Dissection dissect(LinkType type, ByteBuffer bytes, int wireBytes) {
        return dissector.dissect(type, bytes, bytes.position(), bytes.remaining(), wireBytes);
    }

    private static Optional<Layer> outermostIp(Dissection frame) {
        return frame.own().stream()
                .filter(layer -> layer.protocol().isIp())
                .filter(layer -> layer.lengthBytes() > 0 || layer.isCutShort())
                .findFirst();
    }

    /** Whether the capture ends before it is told what the frame carries. */
    private static boolean endsInLinkHeader(Dissection frame) {
        List<Layer> layers = frame.layers();
        return frame.capturedBytes() == 0
                ? frame.wireBytes() > 0
                : layers.get(layers.size() - 1).isCutShort()
                        && layers.stream().noneMatch(layer -> layer.protocol() == Protocol.ARP);
    }

    /** Frames of which the capture ends before their IP header begins. */
    long cutShort() {
        return cutShort;
    }

    /** Frames without an IP packet. */
    long notIp() {
        return notIp;
    }

    /** Fragments that became part of a packet, or wait for the others. */
    long fragmentsHeld() {
        return fragmentsHeld;
    }

    /** Packets of which some fragments never came. */
    long incomplete() {
        return reassembly == null ? 0 : reassembly.incomplete();
    }
}
