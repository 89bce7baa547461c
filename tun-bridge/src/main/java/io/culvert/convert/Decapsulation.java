package io.culvert.convert;

import io.culvert.convert.IpPackets.IpPacket;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import io.culvert.observe.CapturedPacket;
import io.culvert.survey.TunnelHeader;
import io.culvert.survey.TunnelId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Takes the tunnels' headers off captured packets. Confined to one thread. */
public final class Decapsulation {
    private final IpPackets packets;
    private final int depth;
    private final boolean keepsOthers;
    private final InnerFiles files;
    private long frames;
    private long stripped;
    private long withoutPacket;
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
            notTunnelled++;
            if (keepsOthers) {
                files.writeOther(of(frame, packet.bytes(), packet.wireBytes()));
            }
            return;
        }
        TunnelHeader header = innermostWithPacket(headers);
        if (header == null) {
            withoutPacket++;
            return;
        }
        stripped++;
        write(frame, packet, header);
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
        int wireBytes =
                isEthernet
                        ? header.outer().offset() + header.outerBytes() - start
                        : header.innerBytes();
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

    /** Tunnel packets that carry none, such as keepalives. */
    public long withoutPacket() {
        return withoutPacket;
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
