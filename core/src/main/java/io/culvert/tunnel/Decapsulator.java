package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;

/**
 * Turns received outer packets into inner ones and says which tunnel each belongs to, or why it was
 * dropped; the checks and their order are Linux's.
 *
 * <p>Moves each packet's start right; payload stays where it is. Of the inner header only the ECN
 * bits may change. One instance per lane, for all its tunnels; confined to the lane's thread;
 * allocates nothing.
 */
public final class Decapsulator {
    private final ReceivedOuter outer = new ReceivedOuter();
    private final GreHeader gre = new GreHeader();
    private final ReceivedKeepalives keepalives = new ReceivedKeepalives(outer, gre);
    private final PayloadDelivery delivery = new PayloadDelivery(outer, keepalives);
    private final JoinedChecksum joinedChecksum = new JoinedChecksum();
    private TunnelTable table = TunnelTable.EMPTY;

    public Decapsulator(TunnelTable table) {
        this.table = table;
    }

    /** Replaces the tunnels. */
    public void table(TunnelTable tunnels) {
        table = tunnels;
    }

    public TunnelTable table() {
        return table;
    }

    /**
     * Decapsulates every live packet of the batch. Each starts with its outer IP header and comes
     * out as its inner packet with {@code batch.tunnel} set, or dropped in its slot. A packet that
     * is dropped for a reason of its tunnel's has {@code batch.tunnel} set as well, and so has a
     * keepalive, which is replaced by what the tunnel answers.
     */
    public void decapsulate(PacketBatch batch) {
        decapsulateFromHost(batch, 0);
    }

    /**
     * The same, and marks what the host may have joined as {@link PacketBatch#SEGMENTS_UNKNOWN}:
     * what is larger than the device's MTU, and what has a checksum that looks partial.
     *
     * @param suspects slots, from the first on, whose checksum is looked at
     */
    public void decapsulateFromHost(PacketBatch batch, int suspects) {
        delivery.suspectSlots(suspects);
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.isLive(slot)) {
                DropReason reason = decapsulate(batch, slot);
                if (reason != null) {
                    batch.drop(slot, reason);
                }
            }
        }
    }

    private DropReason decapsulate(PacketBatch batch, int slot) {
        DropReason fault =
                outer.read(
                        batch.memory(),
                        batch.start(slot),
                        batch.lengthBytes(slot),
                        table.outerAddresses());
        if (fault != null) {
            return fault;
        }
        batch.trim(slot, outer.totalBytes());
        return switch (outer.protocol()) {
            case IpProtocol.GRE -> decapsulateGre(batch, slot);
            case IpProtocol.IPIP -> decapsulateIp(batch, slot, IpVersion.IPV4);
            case IpProtocol.IPV6 -> decapsulateIp(batch, slot, IpVersion.IPV6);
            default -> DropReason.PROTOCOL_UNKNOWN;
        };
    }

    private DropReason decapsulateGre(PacketBatch batch, int slot) {
        int outerHeaderBytes = outer.headerBytes();
        int greBytes = outer.totalBytes() - outerHeaderBytes;
        gre.wrap(batch.memory(), batch.start(slot) + outerHeaderBytes);
        // Deviation: Linux wants 12 bytes before it looks, and drops all shorter packets uncounted
        if (greBytes < GreHeader.MIN_LENGTH) {
            return DropReason.GRE_TRUNCATED;
        }
        int word = gre.firstWord();
        DropReason fault = greFault(batch, slot, word, greBytes);
        if (fault != null) {
            return fault;
        }
        TunnelEndpoint tunnel = findGre(word, batch.link(slot));
        if (tunnel == null) {
            return explainMiss(batch, slot);
        }
        batch.tunnel(slot, tunnel.index());
        int protocolType = GreHeader.protocolTypeOf(word);
        if (protocolType == EtherType.KEEPALIVE && keepalives.takeAnswer(batch, slot, tunnel)) {
            return null;
        }
        DropReason refusal = refusal(word, tunnel);
        return refusal != null
                ? refusal
                : deliver(
                        batch,
                        slot,
                        tunnel,
                        protocolType,
                        outerHeaderBytes + GreHeader.lengthBytes(word));
    }

    /** What is wrong with the GRE header, whosever it is. */
    private DropReason greFault(PacketBatch batch, int slot, int word, int greBytes) {
        if (!GreHeader.isStandard(word)) {
            return deviation();
        }
        if (GreHeader.lengthBytes(word) > greBytes) {
            return DropReason.GRE_TRUNCATED;
        }
        if (GreHeader.hasChecksum(word)
                && !gre.hasValidChecksum(greBytes)
                && !isHostWhyChecksumIsWrong(batch, slot, greBytes)) {
            return DropReason.GRE_CHECKSUM;
        }
        int protocolType = GreHeader.protocolTypeOf(word);
        if (protocolType == EtherType.ERSPAN || protocolType == EtherType.ERSPAN_III) {
            // these go to erspan devices alone, and there are none
            return DropReason.NO_TUNNEL;
        }
        return null;
    }

    private boolean isHostWhyChecksumIsWrong(PacketBatch batch, int slot, int greBytes) {
        if (batch.segmentBytes(slot) == 0) {
            int greAt = batch.start(slot) + outer.headerBytes();
            int bytes = joinedChecksum.segmentBytes(batch.memory(), gre, greAt, greBytes);
            if (bytes == JoinedChecksum.WRONG) {
                return false;
            }
            batch.segmentBytes(slot, bytes);
        }
        return true;
    }

    private DropReason deviation() {
        if (gre.version() != 0) {
            return DropReason.GRE_VERSION;
        }
        return gre.hasRouting() ? DropReason.GRE_ROUTING : DropReason.GRE_RESERVED_FLAGS;
    }

    private DropReason deliver(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int protocolType, int headerBytes) {
        if (tunnel.payload.isEthernet()) {
            return protocolType == EtherType.TEB
                    ? delivery.deliverFrame(batch, slot, tunnel, headerBytes)
                    : DropReason.PROTOCOL_UNKNOWN;
        }
        if (protocolType == EtherType.IPV4) {
            return delivery.deliverIp(batch, slot, tunnel, headerBytes, IpVersion.IPV4);
        }
        if (protocolType == EtherType.IPV6) {
            return delivery.deliverIp(batch, slot, tunnel, headerBytes, IpVersion.IPV6);
        }
        return deliverOther(batch, slot, tunnel, protocolType, headerBytes);
    }

    private DropReason deliverOther(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int protocolType, int headerBytes) {
        if (protocolType == EtherType.WCCP && gre.isPlain()) {
            int innerFrom = headerBytes + wccpBytes(batch, slot, headerBytes);
            return delivery.deliverIp(batch, slot, tunnel, innerFrom, IpVersion.IPV4);
        }
        boolean isKeepalive =
                protocolType != EtherType.WCCP
                        && keepalives.takeVendors(batch, slot, tunnel, headerBytes);
        return isKeepalive ? null : DropReason.PROTOCOL_UNKNOWN;
    }

    private TunnelEndpoint findGre(int word, int link) {
        boolean hasKey = GreHeader.hasKey(word);
        int key = hasKey ? gre.key() : 0;
        return table.gre(
                family(),
                GreHeader.protocolTypeOf(word) == EtherType.TEB,
                outer.remote(),
                outer.local(),
                hasKey,
                key,
                link);
    }

    /** What the tunnel asks of a GRE header and this one does not have. */
    private DropReason refusal(int word, TunnelEndpoint tunnel) {
        if (GreHeader.hasChecksum(word) != tunnel.inputChecksum) {
            return tunnel.inputChecksum
                    ? DropReason.CHECKSUM_MISSING
                    : DropReason.CHECKSUM_UNEXPECTED;
        }
        if (tunnel.inputSequence) {
            if (!GreHeader.hasSequence(word)) {
                return DropReason.SEQUENCE_MISSING;
            }
            if (!tunnel.sequenceWindow().accept(gre.sequenceNumber())) {
                return DropReason.SEQUENCE_OLD;
            }
        }
        return null;
    }

    /** A WCCP version 2 redirect header stands in front of the packet; version 1 has none. */
    private int wccpBytes(PacketBatch batch, int slot, int headerBytes) {
        boolean isPacket =
                batch.lengthBytes(slot) > headerBytes
                        && IpVersion.of(batch.memory(), batch.start(slot) + headerBytes)
                                == IpVersion.IPV4;
        return isPacket ? 0 : GreHeader.WCCP_REDIRECT_LENGTH;
    }

    private DropReason decapsulateIp(PacketBatch batch, int slot, int innerVersion) {
        TunnelEndpoint tunnel =
                table.ip(
                        family(),
                        outer.remote(),
                        outer.local(),
                        innerVersion == IpVersion.IPV6,
                        batch.link(slot));
        if (tunnel == null) {
            return explainMiss(batch, slot);
        }
        batch.tunnel(slot, tunnel.index());
        if (!tunnel.payload.carries(innerVersion)) {
            return DropReason.PROTOCOL_UNKNOWN;
        }
        return delivery.deliverIp(batch, slot, tunnel, outer.headerBytes(), innerVersion);
    }

    private int family() {
        return outer.isIpv6() ? TunnelTable.OVER_IPV6 : 0;
    }

    private DropReason explainMiss(PacketBatch batch, int slot) {
        if (table.nearest() != null) {
            batch.tunnel(slot, table.nearest().index());
        }
        return table.missReason();
    }
}
