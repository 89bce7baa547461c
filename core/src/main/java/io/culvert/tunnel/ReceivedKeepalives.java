package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketBatch.Replacement;
import io.culvert.wire.CiscoMetadata;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreHeader;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/**
 * Finds what may be a keepalive among the packets that a {@link Decapsulator} has looked at, and
 * hands it to the tunnel's {@link KeepaliveReceiver}. Confined to the lane's thread; allocates
 * nothing.
 */
final class ReceivedKeepalives {
    /** Seen of Huawei routers, whose keepalives are Cisco's but for this type. */
    private static final int TYPE_OF_HUAWEI = 0x0004;

    private final ReceivedOuter outer;
    private final GreHeader gre;
    private final CiscoMetadata metadata = new CiscoMetadata();

    /**
     * @param outer the decapsulator's view of the packet that it looks at
     * @param gre its view of that packet's GRE header
     */
    ReceivedKeepalives(ReceivedOuter outer, GreHeader gre) {
        this.outer = outer;
        this.gre = gre;
    }

    /**
     * Takes an answer, if the tunnel waits for any. What the tunnel asks of GRE headers is not
     * asked of this one, which we have made ourselves, without checksum and sequence number.
     */
    boolean takeAnswer(PacketBatch batch, int slot, TunnelEndpoint tunnel) {
        KeepaliveReceiver receiver = tunnel.keepaliveReceiver();
        if (receiver == null
                || outer.isIpv6()
                || !receiver.takeAnswer(outer.ipv4().identification(), batch.readNanos())) {
            return false;
        }
        batch.tunnel(slot, tunnel.index());
        batch.replace(slot, Replacement.KEEPALIVE);
        return true;
    }

    /**
     * Takes a decapsulated packet of {@link TunnelEndpoint#keepaliveProtocol}, if it is a
     * keepalive.
     */
    void takeDecapsulated(PacketBatch batch, int slot, TunnelEndpoint tunnel) {
        tunnel.keepaliveReceiver().takeDecapsulated(batch, slot, outer.remote(), outer.local());
    }

    /**
     * Takes a keepalive that comes under a type which carries nothing else here.
     *
     * @param headerBytes up to the end of the GRE header
     */
    boolean takeVendors(PacketBatch batch, int slot, TunnelEndpoint tunnel, int headerBytes) {
        int beforeBytes = headerBytes + metadataBytes(batch, slot, headerBytes);
        int innerBytes = batch.lengthBytes(slot) - beforeBytes;
        boolean mayBeOne =
                beforeBytes >= headerBytes
                        && innerBytes >= Ipv4Header.MIN_LENGTH
                        && isWholeIpv4(batch.memory(), batch.start(slot) + beforeBytes, innerBytes);
        if (!mayBeOne) {
            return false;
        }
        batch.strip(slot, beforeBytes);
        if (Ipv4Header.protocol(batch.memory(), batch.start(slot)) == tunnel.keepaliveProtocol) {
            takeDecapsulated(batch, slot, tunnel);
        }
        boolean isTaken = !batch.isLive(slot);
        if (!isTaken) {
            batch.prepend(slot, beforeBytes);
        }
        return isTaken;
    }

    /** What stands between GRE header and inner packet; less than nothing when no type fits. */
    private int metadataBytes(PacketBatch batch, int slot, int headerBytes) {
        if (gre.protocolType() == TYPE_OF_HUAWEI) {
            return 0;
        }
        metadata.wrap(batch.memory(), batch.start(slot) + headerBytes);
        boolean isTagged =
                gre.protocolType() == EtherType.CISCO_METADATA
                        && metadata.isValid(batch.lengthBytes(slot) - headerBytes)
                        && metadata.protocolType() == EtherType.IPV4
                        && metadata.version() == 1
                        && metadata.options() == 1;
        return isTagged ? CiscoMetadata.LENGTH : -1;
    }

    private static boolean isWholeIpv4(ByteBuffer memory, int at, int lengthBytes) {
        return IpVersion.of(memory, at) == IpVersion.IPV4
                && Ipv4Header.totalLengthBytes(memory, at) == lengthBytes;
    }
}
