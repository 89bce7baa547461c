package io.culvert.convert;

import io.culvert.convert.IpPackets.IpPacket;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Problem;
import io.culvert.dissect.Protocol;
import io.culvert.observe.CapturedPacket;
import io.culvert.survey.TunnelHeader;
import io.culvert.survey.TunnelId;
import io.culvert.wire.EtherType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Takes the tunnels' headers off captured packets. Confined to one thread. */
public final class Decapsulation {
    /** What {@link #withoutPacket} calls keepalives. */
    public static final String KEEPALIVES = "keepalives";

    private static final int MOST_KINDS = 32;

    private final IpPackets packets;
    private final int depth;
    private final boolean keepsOthers;
    private final InnerFiles files;
    private long frames;
    private long stripped;
    private final Map<String, Long> withoutPacket = new TreeMap<>();
    private long otherVersions;
    private long cutShort;
    private long notTunnelled;

    /**
     * @param depth how many tunnels are taken off at most, from the outermost on
     * @param keepsOthers whether packets that are not tunnelled are written, too
     * @param files where the packets go
     */
    public Decapsulation(Dissector dissector, int depth, boolean keepsOthers, InnerFiles files) {
        this.packets = new IpPackets(dissector, true);
        this.depth = depth;
        this.keepsOthers = keepsOthers;
        this.files = files;
    }

    /** Takes a packet and writes what is inside, if anything is. */
    public void take(CapturedPacket frame, int linkType) throws IOException {
        frames++;
        IpPacket packet = packets.of(frame, linkType).orElse(null);
        if (packet == null) {
            return;
        }
        List<TunnelHeader> headers = TunnelHeader.of(packet.layers());
        if (headers.isEmpty()) {
            if (TunnelHeader.isUntold(packet.layers())) {
                cutShort++;
            } else {
                notTunnelled++;
            }
            if (keepsOthers) {
                files.writeOther(of(frame, packet.bytes(), packet.wireBytes()));
            }
            return;
        }
        TunnelHeader header = innermostWithPacket(headers);
        if (header == null) {
            addWithoutPacket(headers, packet.layers());
        } else if (header.isCutShort() || header.innerBytes() == 0) {
            cutShort++;
        } else {
            stripped++;
            otherVersions += header.isOtherVersionInside() ? 1 : 0;
            write(frame, packet, header);
        }
    }

    private void addWithoutPacket(List<TunnelHeader> headers, Dissection packet) {
        TunnelHeader innermost = headers.get(Math.min(depth, headers.size()) - 1);
        if (innermost.isCutShort()) {
            cutShort++;
            return;
        }
        String what = innermost.isKeepalive() ? KEEPALIVES : withoutPacket(innermost, packet);
        boolean isKnown = withoutPacket.containsKey(what) || withoutPacket.size() < MOST_KINDS;
        withoutPacket.merge(isKnown ? what : "of further kinds", 1L, Long::sum);
    }

    private static String withoutPacket(TunnelHeader header, Dissection packet) {
        int type = header.gre() == null ? 0 : (int) header.gre().number("protocol-type", 0);
        boolean announcesPacket =
                type == 0
                        || type == EtherType.IPV4
                        || type == EtherType.IPV6
                        || type == EtherType.TEB;
        boolean isGre = header.gre() != null && header.gre().protocol() == Protocol.GRE;
        if (isGre && !announcesPacket) {
            return "of protocol type " + header.gre().field("protocol-type").orElseThrow().text();
        }
        if (packet.worst().filter(worst -> worst == Problem.Severity.ERROR).isPresent()) {
            return "malformed";
        }
        return switch (header.kind()) {
            case PPTP -> "of PPTP";
            default -> "of " + header.kind().label() + " with " + header.inside();
        };
    }

    /** The innermost that is not too deep and has a packet inside; null when none has. */
    private TunnelHeader innermostWithPacket(List<TunnelHeader> headers) {
        TunnelHeader found = null;
        for (TunnelHeader header : headers) {
            if (header.depth() <= depth && header.payload() != null) {
                found = header;
            }
        }
        return found;
    }

    private void write(CapturedPacket frame, IpPacket packet, TunnelHeader header)
            throws IOException {
        Layer payload = header.payload();
        boolean isEthernet = payload.protocol() == Protocol.ETHERNET;
        int start = payload.offset();
        int wireBytes = isEthernet ? payload.wireBytes() : header.innerBytes();
        int present = packet.bytes().capacity() - start;
        int kept = Math.max(0, Math.min(present, wireBytes));
        ByteBuffer inner = packet.bytes().slice(start, kept);
        files.write(TunnelId.of(header), isEthernet, of(frame, inner, wireBytes));
    }

    private static CapturedPacket of(CapturedPacket frame, ByteBuffer bytes, int wireBytes) {
        return new CapturedPacket(
                0,
                frame.epochNanos(),
                bytes,
                Math.max(wireBytes, bytes.remaining()),
                frame.direction(),
                frame.comments());
    }

    /** All packets that were read. */
    public long frames() {
        return frames;
    }

    /** Packets that were taken out of their tunnels. */
    public long stripped() {
        return stripped;
    }

    /** Those of them that are IPv6 where IPv4 was announced, or the other way around. */
    public long otherVersions() {
        return otherVersions;
    }

    /** Tunnel packets that carry no other: in a few words what they are, and how many. */
    public Map<String, Long> withoutPacket() {
        return new TreeMap<>(withoutPacket);
    }

    /** Packets of which the capture ends before the packet inside, or before a tunnel is told. */
    public long cutShort() {
        return cutShort + packets.cutShort();
    }

    /** IP packets outside of tunnels. */
    public long notTunnelled() {
        return notTunnelled;
    }

    /** Frames without an IP packet. */
    public long notIp() {
        return packets.notIp();
    }

    /** Packets of which some fragments are missing. */
    public long incomplete() {
        return packets.incomplete();
    }
}
