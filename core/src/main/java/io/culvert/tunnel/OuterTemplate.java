package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreFields;
import io.culvert.wire.GreTemplate;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv4Template;
import java.nio.ByteBuffer;

/** What a tunnel puts in front of every packet of one IP version, prepared once. */
final class OuterTemplate {
    private final Ipv4Template ip;
    private final GreTemplate gre;

    /**
     * @param innerVersion 4 or 6, which the tunnel's payload must carry
     */
    OuterTemplate(TunnelSpec spec, int innerVersion) {
        ip =
                new Ipv4Template(
                        spec.mode().outerProtocol(innerVersion),
                        spec.localBits(),
                        spec.remoteBits());
        gre = spec.mode() == TunnelMode.GRE ? new GreTemplate(greFields(spec, innerVersion)) : null;
    }

    /** The IPv4 header, to set what differs from packet to packet. */
    Ipv4Template ip() {
        return ip;
    }

    /**
     * Lays the headers down; nothing beyond their own bytes is touched.
     *
     * @param sequenceNumber of no meaning where the tunnel sends none
     * @param payloadSum the inner packet's folded sum; of no meaning without a GRE checksum
     */
    void write(ByteBuffer memory, int at, int sequenceNumber, int payloadSum) {
        ip.write(memory, at);
        if (gre != null) {
            gre.write(memory, at + Ipv4Header.MIN_LENGTH, sequenceNumber, payloadSum);
        }
    }

    private static GreFields greFields(TunnelSpec spec, int innerVersion) {
        return new GreFields(
                spec.outputChecksum(),
                spec.outputKey().isPresent(),
                spec.outputKey().orElse(0),
                spec.outputSequence(),
                innerVersion == IpVersion.IPV6 ? EtherType.IPV6 : EtherType.IPV4);
    }
}
