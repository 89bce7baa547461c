package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.GreHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.PartialChecksum;
import java.nio.ByteBuffer;

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
    private final Ipv4Header inner4 = new Ipv4Header();
    private final Ipv6Header inner6 = new Ipv6Header();
    private final EthernetHeader frame = new EthernetHeader();
    private final ReceivedKeepalives keepalives = new ReceivedKeepalives(outer, gre);
    private final JoinedChecksum joinedChecksum = new JoinedChecksum();
    private TunnelTable table = TunnelTable.EMPTY;
    private TunnelEndpoint taker;
    private int suspectSlots;

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
        suspectSlots = suspects;
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
        DropReason fault = outer.read(batch.memory(), batch.start(slot), batch.lengthBytes(slot));
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
        taker = tunnel;
        batch.tunnel(slot, tunnel.index());
        int protocolType = GreHeader.protocolTypeOf(word);
        if (protocolType == EtherType.KEEPALIVE && keepalives.takeAnswer(batch, slot, tunnel)) {
            return null;
        }
        DropReason refusal = refusal(word, tunnel);
        return refusal != null
                ? refusal
                : deliverPayload(
                        batch, slot, protocolType, outerHeaderBytes + GreHeader.lengthBytes(word));
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

    private DropReason deliverPayload(
            PacketBatch batch, int slot, int protocolType, int headerBytes) {
        if (taker.payload.isEthernet()) {
            return protocolType == EtherType.TEB
                    ? deliverFrame(batch, slot, headerBytes)
                    : DropReason.PROTOCOL_UNKNOWN;
        }
        return switch (protocolType) {
            case EtherType.IPV4 -> deliver(batch, slot, headerBytes, IpVersion.IPV4);
            case EtherType.IPV6 -> deliver(batch, slot, headerBytes, IpVersion.IPV6);
            case EtherType.WCCP ->
                    gre.isPlain()
                            ? deliver(
                                    batch,
                                    slot,
                                    headerBytes + wccpBytes(batch, slot, headerBytes),
                                    IpVersion.IPV4)
                            : DropReason.PROTOCOL_UNKNOWN;
            default ->
                    keepalives.takeVendors(batch, slot, taker, headerBytes)
                            ? null
                            : DropReason.PROTOCOL_UNKNOWN;
        };
    }

    private TunnelEndpoint findGre(int word, int link) {
        boolean hasKey = GreHeader.hasKey(word);
        int key = hasKey ? gre.key() : 0;
        return table.gre(
                family(),
                GreHeader.protocolTypeOf(word) == EtherType.TEB,
                outer.remote(table.outerAddresses()),
                outer.local(table.outerAddresses()),
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
                        outer.remote(table.outerAddresses()),
                        outer.local(table.outerAddresses()),
                        innerVersion == IpVersion.IPV6,
                        batch.link(slot));
        if (tunnel == null) {
            return explainMiss(batch, slot);
        }
        taker = tunnel;
        batch.tunnel(slot, tunnel.index());
        if (!tunnel.payload.carries(innerVersion)) {
            return DropReason.PROTOCOL_UNKNOWN;
        }
        return deliver(batch, slot, outer.headerBytes(), innerVersion);
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

    private DropReason deliver(PacketBatch batch, int slot, int headerBytes, int innerVersion) {
        int innerBytes = batch.lengthBytes(slot) - headerBytes;
        int leastBytes = innerVersion == IpVersion.IPV4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH;
        ByteBuffer memory = batch.memory();
        int innerAt = batch.start(slot) + headerBytes;
        if (innerBytes < leastBytes || IpVersion.of(memory, innerAt) != innerVersion) {
            return notAnInnerPacket(memory, innerAt, innerBytes, innerVersion);
        }
        return innerVersion == IpVersion.IPV4
                ? deliver4(batch, slot, innerAt, innerBytes)
                : deliver6(batch, slot, innerAt, innerBytes);
    }

    /** Which of version and length is wrong. */
    private static DropReason notAnInnerPacket(
            ByteBuffer memory, int innerAt, int innerBytes, int innerVersion) {
        int version = innerBytes > 0 ? IpVersion.of(memory, innerAt) : innerVersion;
        if (version == innerVersion) {
            return DropReason.INNER_TRUNCATED;
        }
        boolean isIp = version == IpVersion.IPV4 || version == IpVersion.IPV6;
        return isIp ? DropReason.INNER_VERSION : DropReason.INNER_MALFORMED;
    }

    private DropReason deliver4(PacketBatch batch, int slot, int innerAt, int innerBytes) {
        inner4.wrap(batch.memory(), innerAt);
        int totalBytes = inner4.totalLengthBytes();
        if (totalBytes > innerBytes) {
            return DropReason.INNER_TRUNCATED;
        }
        if (!inner4.isValid(innerBytes)) {
            return DropReason.INNER_MALFORMED;
        }
        if (!takeOverEcn4()) {
            return DropReason.ECN_CE_ON_NOT_ECT;
        }
        finish(batch, slot, innerAt, totalBytes);
        if (inner4.protocol() == taker.keepaliveProtocol) {
            keepalives.takeDecapsulated(batch, slot, taker);
        }
        return null;
    }

    private DropReason deliver6(PacketBatch batch, int slot, int innerAt, int innerBytes) {
        inner6.wrap(batch.memory(), innerAt);
        int totalBytes = inner6.totalLengthBytes();
        if (totalBytes > innerBytes) {
            return DropReason.INNER_TRUNCATED;
        }
        if (!takeOverEcn6()) {
            return DropReason.ECN_CE_ON_NOT_ECT;
        }
        finish(batch, slot, innerAt, totalBytes);
        if (inner6.nextHeader() == taker.keepaliveProtocol) {
            keepalives.takeDecapsulated(batch, slot, taker);
        }
        return null;
    }

    /** A frame ends where the outer packet ends; of an IP packet in it, ECN is looked after. */
    private DropReason deliverFrame(PacketBatch batch, int slot, int headerBytes) {
        int frameBytes = batch.lengthBytes(slot) - headerBytes;
        int frameAt = batch.start(slot) + headerBytes;
        if (!frame.wrap(batch.memory(), frameAt).isValid(frameBytes)) {
            return DropReason.INNER_TRUNCATED;
        }
        int ipAt = frame.payloadAt();
        int ipBytes = frameBytes - EthernetHeader.LENGTH;
        int etherType = frame.etherType();
        boolean isTaken = true;
        if (etherType == EtherType.IPV4 && inner4.wrap(batch.memory(), ipAt).isValid(ipBytes)) {
            isTaken = takeOverEcn4();
        } else if (etherType == EtherType.IPV6
                && inner6.wrap(batch.memory(), ipAt).isValid(ipBytes)) {
            isTaken = takeOverEcn6();
        }
        if (!isTaken) {
            return DropReason.ECN_CE_ON_NOT_ECT;
        }
        take(batch, slot, frameAt, frameBytes);
        return null;
    }

    private void finish(PacketBatch batch, int slot, int innerAt, int totalBytes) {
        take(batch, slot, innerAt, totalBytes);
        if (totalBytes > taker.innerMtu
                || slot < suspectSlots
                        && PartialChecksum.mayBeIn(batch.memory(), innerAt, totalBytes)) {
            suspectMerge(batch, slot);
        }
    }

    /** Has a packet looked at that the host may have joined from several. */
    private static void suspectMerge(PacketBatch batch, int slot) {
        if (batch.segmentBytes(slot) == 0) {
            batch.segmentBytes(slot, PacketBatch.SEGMENTS_UNKNOWN);
        }
    }

    private static void take(PacketBatch batch, int slot, int innerAt, int totalBytes) {
        batch.strip(slot, innerAt - batch.start(slot));
        batch.trim(slot, totalBytes);
    }

    /** Patches the inner TOS; false when the packet must be dropped. */
    private boolean takeOverEcn4() {
        int outerTos = outer.tos();
        if (taker.copiesDscp) {
            inner4.tosUpdatingChecksum(outerTos & ~Ecn.CE | inner4.ecn());
        }
        int outerEcn = outerTos & Ecn.CE;
        if (outerEcn == Ecn.NOT_ECT) {
            return true;
        }
        int innerEcn = inner4.ecn();
        int ecn = Ecn.decapsulate(innerEcn, outerEcn);
        if (ecn == Ecn.DROP) {
            return false;
        }
        if (ecn != innerEcn) {
            inner4.ecnUpdatingChecksum(ecn);
        }
        return true;
    }

    /** Patches the inner traffic class; false when the packet must be dropped. */
    private boolean takeOverEcn6() {
        int outerTos = outer.tos();
        if (taker.copiesDscp) {
            inner6.trafficClass(outerTos & ~Ecn.CE | inner6.ecn());
        }
        int outerEcn = outerTos & Ecn.CE;
        if (outerEcn == Ecn.NOT_ECT) {
            return true;
        }
        int innerEcn = inner6.ecn();
        int ecn = Ecn.decapsulate(innerEcn, outerEcn);
        if (ecn == Ecn.DROP) {
            return false;
        }
        if (ecn != innerEcn) {
            inner6.ecn(ecn);
        }
        return true;
    }
}
