package io.culvert.offload;

import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.wire.TcpHeader;

/**
 * Consecutive packets of a flow that are joined to the first of them; the rules are those of
 * Linux's generic receive offload ({@code inet_gro_flush}, {@code tcp_gro_receive}, {@code
 * udp_gro_receive_segment}), but stricter about FIN, and about IPv4 IDs where DF is clear.
 */
final class Run {
    /** Linux joins no more datagrams, {@code UDP_GRO_CNT_MAX}. */
    private static final int MOST_DATAGRAMS = 64;

    private enum Verdict {
        UNKNOWN,
        GOOD,
        BAD
    }

    private final Segment head = new Segment();
    private int headSlot;
    private Verdict headChecksums;
    private int lastSlot;
    private int count;
    private int payloadBytes;
    private boolean hasFixedIdentification;
    private boolean hasPush;
    private boolean isOpen;

    /** Starts with a packet that is {@linkplain Segment#isJoinable joinable}. */
    void start(PacketBatch batch, int slot, boolean isEthernet) {
        head.forget(isEthernet);
        head.read(batch, slot);
        headSlot = slot;
        headChecksums = Verdict.UNKNOWN;
        lastSlot = slot;
        count = 1;
        payloadBytes = head.payloadBytes;
        hasFixedIdentification = false;
        hasPush = head.hasPush();
        isOpen = !hasPush;
    }

    /** Lets nothing more be joined: what comes later must stay behind what comes now. */
    void end() {
        isOpen = false;
    }

    boolean isOfFlow(Segment segment) {
        return head.isOfFlow(segment);
    }

    /** Whether a packet of the flow continues the run, its checksum aside. */
    boolean isContinuedBy(Segment next) {
        return isOpen
                && next.headerBytes == head.headerBytes
                && next.payloadBytes <= head.payloadBytes
                && head.headerBytes + payloadBytes + next.payloadBytes
                        <= PacketSlab.MAX_PACKET_BYTES
                && (next.likeSlot() == lastSlot || hasSameHeaders(next))
                && next.hasSameLink(head)
                && (!head.isIpv4 || continuesIdentification(next))
                && (head.isTcp ? continuesSequence(next) : count < MOST_DATAGRAMS);
    }

    /** Whether all is the same that is so in packets that are like the last one. */
    private boolean hasSameHeaders(Segment next) {
        return (head.isIpv4 ? hasSameIpv4(next) : hasSameIpv6(next))
                && (!head.isTcp || hasSameTcp(next));
    }

    private boolean hasSameIpv4(Segment next) {
        return next.ip4.tos() == head.ip4.tos()
                && next.ip4.ttl() == head.ip4.ttl()
                && next.ip4.dontFragment() == head.ip4.dontFragment();
    }

    private boolean continuesIdentification(Segment next) {
        int distance = next.ip4.identification() - head.ip4.identification() & 0xffff;
        // RFC 6864 §4.1: the ID of a packet that is never fragmented may be anything
        boolean mayBeFixed = count == 1 ? head.ip4.dontFragment() : hasFixedIdentification;
        boolean mayCount = !hasFixedIdentification;
        return mayBeFixed && distance == 0 || mayCount && distance == count;
    }

    private boolean hasSameIpv6(Segment next) {
        return next.ip6.trafficClass() == head.ip6.trafficClass()
                && next.ip6.flowLabel() == head.ip6.flowLabel()
                && next.ip6.hopLimit() == head.ip6.hopLimit();
    }

    private boolean hasSameTcp(Segment next) {
        return next.tcp.acknowledgmentNumber() == head.tcp.acknowledgmentNumber()
                && next.tcp.hasSameFlagsAndWindow(head.tcp, TcpHeader.PSH)
                && next.tcp.hasSameOptions(head.tcp);
    }

    private boolean continuesSequence(Segment next) {
        return next.tcp.sequenceNumber() == head.tcp.sequenceNumber() + payloadBytes;
    }

    /** Whether the first packet may be changed; looked at when the second comes, if one does. */
    boolean hasValidHead() {
        if (headChecksums == Verdict.UNKNOWN) {
            headChecksums = head.hasValidChecksums() ? Verdict.GOOD : Verdict.BAD;
        }
        return headChecksums == Verdict.GOOD;
    }

    /** Adds a packet that continues the run. */
    void join(PacketBatch batch, int slot, Segment next) {
        if (count == 1) {
            hasFixedIdentification =
                    head.isIpv4 && next.ip4.identification() == head.ip4.identification();
        }
        batch.join(lastSlot, slot, next.linkBytes + next.headerBytes);
        lastSlot = slot;
        count++;
        payloadBytes += next.payloadBytes;
        hasPush = next.hasPush();
        isOpen = !hasPush && next.payloadBytes == head.payloadBytes;
    }

    /** Turns the first packet into the super-packet of all, if there are others. */
    void finish(PacketBatch batch) {
        if (count > 1) {
            head.describeSuperPacket(payloadBytes, hasPush);
            batch.segmentBytes(headSlot, head.payloadBytes);
        }
    }
}
