package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.spec.Gre;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFields;
import io.culvert.wire.GreTemplate;
import io.culvert.wire.InternetChecksum;

/**
 * Everything that a tunnel puts in front of a packet, composed once of its parts: an outer IP
 * header and, with GRE, the header behind it. One instance per tunnel and lane; confined to the
 * lane's thread; allocates nothing.
 */
final class OuterHeaders {
    private final OuterTemplate outer;
    private final GreTemplate gre4; // null without GRE, as the others
    private final GreTemplate gre6;
    private final GreTemplate greEthernet;
    private final int outerBytes;
    private final int overheadBytes;
    private final boolean hasChecksum;
    private int sequenceNumber;

    OuterHeaders(TunnelSpec spec, IdentificationSequence identifications) {
        outer = OuterTemplate.of(spec, identifications);
        outerBytes = spec.outer().headerBytes();
        overheadBytes = spec.overheadBytes();
        hasChecksum = spec.gre().outputChecksum();
        boolean hasGre = spec.header() instanceof Gre;
        gre4 = hasGre ? template(spec.gre(), EtherType.IPV4) : null;
        gre6 = hasGre ? template(spec.gre(), EtherType.IPV6) : null;
        greEthernet = hasGre ? template(spec.gre(), EtherType.TEB) : null;
    }

    private static GreTemplate template(Gre gre, int protocolType) {
        return new GreTemplate(
                new GreFields(
                        gre.outputChecksum(),
                        gre.outputKey().isPresent(),
                        gre.outputKey().orElse(0),
                        gre.outputSequence(),
                        protocolType));
    }

    /** The outer IP header's part. */
    OuterTemplate outer() {
        return outer;
    }

    /** Bytes in front of each inner packet. */
    int overheadBytes() {
        return overheadBytes;
    }

    /**
     * Puts the headers in front of a packet that is known to be whole.
     *
     * @param inner what was read of the packet, or of the one that it is a fragment of
     * @param dontFragment the outer DF bit, where there is one
     */
    void prepend(PacketBatch batch, int slot, InnerPacket inner, boolean dontFragment) {
        int payloadSum = hasChecksum ? payloadSum(batch, slot) : 0;
        int totalBytes = batch.totalBytes(slot) + overheadBytes;
        int at = batch.prepend(slot, overheadBytes);
        outer.write(batch.memory(), at, totalBytes, inner, dontFragment);
        if (gre4 != null) {
            GreTemplate gre = inner.isEthernet() ? greEthernet : inner.isIpv4() ? gre4 : gre6;
            gre.write(batch.memory(), at + outerBytes, sequenceNumber++, payloadSum);
        }
    }

    /** What is in the slot ends at an even offset, so the sums of it and its tail add up. */
    private static int payloadSum(PacketBatch batch, int slot) {
        int tailBytes = batch.tailBytes(slot);
        int tailSum =
                tailBytes == 0
                        ? 0
                        : InternetChecksum.sum(
                                batch.tailSource().memory(), batch.tailStart(slot), tailBytes);
        return InternetChecksum.sum(
                batch.memory(), batch.start(slot), batch.lengthBytes(slot), tailSum);
    }
}
