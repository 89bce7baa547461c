package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.PartialChecksum;
import java.nio.ByteBuffer;

/**
 * The last station of decapsulation: checks the inner packet or frame, gives it the outer header's
 * ECN (RFC 6040 §4.2) and moves the packet's start to it.
 *
 * <p>One instance per lane, confined to its thread; allocates nothing.
 */
final class PayloadDelivery {
    private final ReceivedOuter outer;
    private final ReceivedKeepalives keepalives;
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final EthernetHeader frame = new EthernetHeader();
    private int suspectSlots;

    /**
     * @param outer the decapsulator's view of the packet that it looks at
     */
    PayloadDelivery(ReceivedOuter outer, ReceivedKeepalives keepalives) {
        this.outer = outer;
        this.keepalives = keepalives;
    }

    /** How many slots, from the first on, may hold packets whose checksum the host left partial. */
    void suspectSlots(int slots) {
        suspectSlots = slots;
    }

    /**
     * Delivers an IP packet; what follows its end is cut off.
     *
     * @param headerBytes in front of it
     * @param innerVersion what it was announced as, 4 or 6
     * @return null when it is delivered; else why not
     */
    DropReason deliverIp(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int headerBytes, int innerVersion) {
        int innerAt = batch.start(slot) + headerBytes;
        int innerBytes = batch.lengthBytes(slot) - headerBytes;
        return innerVersion == IpVersion.IPV4
                ? deliverIpv4(batch, slot, tunnel, innerAt, innerBytes)
                : deliverIpv6(batch, slot, tunnel, innerAt, innerBytes);
    }

    private DropReason deliverIpv4(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int innerAt, int innerBytes) {
        if (!ipv4.wrap(batch.memory(), innerAt).isValid(innerBytes)) {
            return faultIpv4(batch.memory(), innerAt, innerBytes);
        }
        if (!takeOverTos4(tunnel)) {
            return DropReason.ECN_CE_ON_NOT_ECT;
        }
        finish(batch, slot, tunnel, innerAt, ipv4.totalLengthBytes());
        if (tunnel.keepaliveProtocol == ipv4.protocol()) {
            keepalives.takeDecapsulated(batch, slot, tunnel);
        }
        return null;
    }

    private DropReason deliverIpv6(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int innerAt, int innerBytes) {
        if (!ipv6.wrap(batch.memory(), innerAt).isValid(innerBytes)) {
            return faultOfVersion(batch.memory(), innerAt, innerBytes, IpVersion.IPV6);
        }
        if (!takeOverTos6(tunnel)) {
            return DropReason.ECN_CE_ON_NOT_ECT;
        }
        finish(batch, slot, tunnel, innerAt, ipv6.totalLengthBytes());
        if (tunnel.keepaliveProtocol == ipv6.nextHeader()) {
            keepalives.takeDecapsulated(batch, slot, tunnel);
        }
        return null;
    }

    private DropReason faultIpv4(ByteBuffer memory, int innerAt, int innerBytes) {
        if (innerBytes < Ipv4Header.MIN_LENGTH || IpVersion.of(memory, innerAt) != IpVersion.IPV4) {
            return faultOfVersion(memory, innerAt, innerBytes, IpVersion.IPV4);
        }
        return ipv4.totalLengthBytes() > innerBytes
                ? DropReason.INNER_TRUNCATED
                : DropReason.INNER_MALFORMED;
    }

    /** Which of version and length is wrong. */
    private static DropReason faultOfVersion(
            ByteBuffer memory, int innerAt, int innerBytes, int innerVersion) {
        int version = innerBytes > 0 ? IpVersion.of(memory, innerAt) : innerVersion;
        if (version == innerVersion) {
            return DropReason.INNER_TRUNCATED;
        }
        boolean isIp = version == IpVersion.IPV4 || version == IpVersion.IPV6;
        return isIp ? DropReason.INNER_VERSION : DropReason.INNER_MALFORMED;
    }

    /**
     * Delivers a frame, which ends where the outer packet ends; of an IP packet in it, ECN is
     * looked after.
     *
     * @param headerBytes in front of it
     * @return null when it is delivered; else why not
     */
    DropReason deliverFrame(PacketBatch batch, int slot, TunnelEndpoint tunnel, int headerBytes) {
        int frameBytes = batch.lengthBytes(slot) - headerBytes;
        int frameAt = batch.start(slot) + headerBytes;
        if (!frame.wrap(batch.memory(), frameAt).isValid(frameBytes)) {
            return DropReason.INNER_TRUNCATED;
        }
        int ipAt = frame.payloadAt();
        int ipBytes = frameBytes - EthernetHeader.LENGTH;
        int etherType = frame.etherType();
        int packetBytes = 0;
        boolean isTaken = true;
        if (etherType == EtherType.IPV4 && ipv4.wrap(batch.memory(), ipAt).isValid(ipBytes)) {
            packetBytes = ipv4.totalLengthBytes();
            isTaken = takeOverTos4(tunnel);
        } else if (etherType == EtherType.IPV6
                && ipv6.wrap(batch.memory(), ipAt).isValid(ipBytes)) {
            packetBytes = ipv6.totalLengthBytes();
            isTaken = takeOverTos6(tunnel);
        }
        if (!isTaken) {
            return DropReason.ECN_CE_ON_NOT_ECT;
        }
        take(batch, slot, frameAt, frameBytes);
        if (packetBytes > 0) {
            lookForMerge(batch, slot, tunnel, ipAt, packetBytes);
        } else if (etherType == EtherType.VLAN || etherType == EtherType.SERVICE_VLAN) {
            lookForTaggedMerge(batch, slot, tunnel, frameAt, frameBytes);
        }
        return null;
    }

    /** As Linux, this leaves ECN behind a tag alone; but the host joins such packets, too. */
    private void lookForTaggedMerge(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int frameAt, int frameBytes) {
        ByteBuffer memory = batch.memory();
        int linkBytes = EthernetHeader.lengthWithTags(memory, frameAt, frameBytes);
        if (linkBytes > frameBytes) {
            return;
        }
        int ipAt = frameAt + linkBytes;
        int ipBytes = frameBytes - linkBytes;
        int etherType = memory.getShort(ipAt - Short.BYTES) & 0xffff;
        if (etherType == EtherType.IPV4 && ipv4.wrap(memory, ipAt).isValid(ipBytes)) {
            lookForMerge(batch, slot, tunnel, ipAt, ipv4.totalLengthBytes());
        } else if (etherType == EtherType.IPV6 && ipv6.wrap(memory, ipAt).isValid(ipBytes)) {
            lookForMerge(batch, slot, tunnel, ipAt, ipv6.totalLengthBytes());
        }
    }

    private void finish(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int innerAt, int totalBytes) {
        take(batch, slot, innerAt, totalBytes);
        lookForMerge(batch, slot, tunnel, innerAt, totalBytes);
    }

    /** Has a packet looked at that the host may have joined from several. */
    private void lookForMerge(
            PacketBatch batch, int slot, TunnelEndpoint tunnel, int ipAt, int packetBytes) {
        if (packetBytes > tunnel.innerMtu
                || slot < suspectSlots
                        && PartialChecksum.mayBeIn(batch.memory(), ipAt, packetBytes)) {
            suspectMerge(batch, slot);
        }
    }

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
    private boolean takeOverTos4(TunnelEndpoint tunnel) {
        int outerTos = outer.tos();
        if (tunnel.copiesDscp) {
            ipv4.tosUpdatingChecksum(outerTos & ~Ecn.CE | ipv4.ecn());
        }
        int outerEcn = outerTos & Ecn.CE;
        if (outerEcn == Ecn.NOT_ECT) {
            return true;
        }
        int innerEcn = ipv4.ecn();
        int ecn = Ecn.decapsulate(innerEcn, outerEcn);
        if (ecn == Ecn.DROP) {
            return false;
        }
        if (ecn != innerEcn) {
            ipv4.ecnUpdatingChecksum(ecn);
        }
        return true;
    }

    /** Patches the inner traffic class; false when the packet must be dropped. */
    private boolean takeOverTos6(TunnelEndpoint tunnel) {
        int outerTos = outer.tos();
        if (tunnel.copiesDscp) {
            ipv6.trafficClass(outerTos & ~Ecn.CE | ipv6.ecn());
        }
        int outerEcn = outerTos & Ecn.CE;
        if (outerEcn == Ecn.NOT_ECT) {
            return true;
        }
        int innerEcn = ipv6.ecn();
        int ecn = Ecn.decapsulate(innerEcn, outerEcn);
        if (ecn == Ecn.DROP) {
            return false;
        }
        if (ecn != innerEcn) {
            ipv6.ecn(ecn);
        }
        return true;
    }
}
