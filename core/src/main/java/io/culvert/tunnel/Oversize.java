package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/**
 * What happens to a packet that is too large for the path once it is encapsulated.
 *
 * <pre>
 *                     inner IPv4, DF     inner IPv4, no DF     inner IPv6
 *   pmtudisc          fragmentation      inner fragments       packet too big (sit below 1280:
 *                     needed                                   outer fragments, RFC 4213 3.2.2)
 *   nopmtudisc        fragmentation      outer fragments       outer fragments
 *                     needed
 *   ignore-df         outer fragments    outer fragments       outer fragments
 * </pre>
 */
final class Oversize {
    private static final int LEAST_FRAGMENT_BYTES = Ipv4Header.MAX_LENGTH + 8;

    private final Encapsulator encapsulator;
    private final TunnelSpec spec;
    private final InnerIcmp innerIcmp;
    private final PacketOutlet wire;
    private final Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();

    Oversize(Encapsulator encapsulator, TunnelSpec spec, InnerIcmp innerIcmp, PacketOutlet wire) {
        this.encapsulator = encapsulator;
        this.spec = spec;
        this.innerIcmp = innerIcmp;
        this.wire = wire;
    }

    void handle(PacketBatch batch, int slot, int outerMtu) {
        ByteBuffer memory = batch.memory();
        int at = batch.start(slot);
        int innerMtu = outerMtu - spec.overheadBytes();
        if (IpVersion.of(memory, at) == IpVersion.IPV6) {
            handleIpv6(batch, slot, outerMtu);
        } else if (spec.ignoreDf()) {
            sendOuterFragments(batch, slot, outerMtu);
        } else if (Ipv4Header.dontFragment(memory, at)) {
            answerTooBig(batch, slot, innerMtu);
        } else if (spec.pmtudisc()) {
            sendInnerFragments(batch, slot, innerMtu);
        } else {
            sendOuterFragments(batch, slot, outerMtu);
        }
    }

    private void handleIpv6(PacketBatch batch, int slot, int outerMtu) {
        int innerMtu = outerMtu - spec.overheadBytes();
        if (!spec.pmtudisc()) {
            sendOuterFragments(batch, slot, outerMtu);
        } else if (innerMtu >= TunnelSpec.MIN_IPV6_MTU) {
            answerTooBig(batch, slot, innerMtu);
        } else if (spec.mode() != TunnelMode.SIT) {
            // as Linux: no IPv6 sender can go below 1280, and the outer may not be fragmented
            batch.drop(slot, DropReason.TOO_BIG_UNANSWERED);
        } else if (batch.totalBytes(slot) > TunnelSpec.MIN_IPV6_MTU) {
            answerTooBig(batch, slot, TunnelSpec.MIN_IPV6_MTU);
        } else {
            sendOuterFragments(batch, slot, outerMtu);
        }
    }

    private void answerTooBig(PacketBatch batch, int slot, int innerMtu) {
        boolean isAnswered =
                innerIcmp.writeTooBig(
                        batch.memory(), batch.start(slot), batch.lengthBytes(slot), innerMtu);
        batch.drop(slot, isAnswered ? DropReason.TOO_BIG : DropReason.TOO_BIG_UNANSWERED);
    }

    private void sendOuterFragments(PacketBatch batch, int slot, int outerMtu) {
        if (batch.tailBytes(slot) > 0) {
            dropSegment(batch, slot);
            return;
        }
        if (batch.lengthBytes(slot) + spec.overheadBytes() > PathMtu.MOST) {
            // no outer packet can hold it, not even in fragments
            answerTooBig(batch, slot, PathMtu.MOST - spec.overheadBytes());
            return;
        }
        encapsulator.prepend(batch, slot, false);
        fragmenter.split(batch.memory(), batch.start(slot), mtuForFragments(outerMtu));
        while (fragmenter.hasNext()) {
            PacketBatch fragments = wire.batchWithRoom();
            if (fragments == null) {
                batch.drop(slot, DropReason.FRAGMENT_NO_ROOM);
                return;
            }
            fragmenter.copyNext(fragments);
        }
        // what is replaced is the inner packet, and its length is what is counted
        batch.strip(slot, spec.overheadBytes());
        batch.replace(slot, PacketBatch.Replacement.FRAGMENTS);
    }

    /**
     * Deviation: Linux drops such a packet without a word ({@code tx_dropped}), or relies on its
     * own IP layer to know the path's MTU, which it cannot here. RFC 2003 §5.1 calls fragmenting
     * the original "much better" than fragmenting the outer packet.
     */
    private void sendInnerFragments(PacketBatch batch, int slot, int innerMtu) {
        if (batch.tailBytes(slot) > 0) {
            dropSegment(batch, slot);
            return;
        }
        fragmenter.split(batch.memory(), batch.start(slot), mtuForFragments(innerMtu));
        while (fragmenter.hasNext()) {
            PacketBatch fragments = wire.batchWithRoom();
            if (fragments == null) {
                batch.drop(slot, DropReason.FRAGMENT_NO_ROOM);
                return;
            }
            int fragment = fragmenter.copyNext(fragments);
            encapsulator.prepend(fragments, fragment, true);
        }
        batch.replace(slot, PacketBatch.Replacement.FRAGMENTS);
    }

    /**
     * A datagram out of a UDP super-packet that may be fragmented. Who sends such asked for
     * segments that fit the device, and does without DF only by asking for that, too.
     */
    private static void dropSegment(PacketBatch batch, int slot) {
        batch.drop(slot, DropReason.TOO_BIG_UNANSWERED);
    }

    private static int mtuForFragments(int mtu) {
        return Math.max(mtu, LEAST_FRAGMENT_BYTES);
    }
}
