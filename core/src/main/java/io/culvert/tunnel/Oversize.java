package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.Ipv4Header;

/**
 * Carries out what becomes of a packet that is too large for the path once it is encapsulated; the
 * rule is the outer header's ({@link OuterTemplate#oversized}).
 */
final class Oversize {
    private static final int LEAST_FRAGMENT_BYTES = Ipv4Header.MAX_LENGTH + 8;

    private final OuterHeaders headers;
    private final InnerIcmp innerIcmp;
    private final PacketOutlet wire;
    private final Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();

    Oversize(OuterHeaders headers, InnerIcmp innerIcmp, PacketOutlet wire) {
        this.headers = headers;
        this.innerIcmp = innerIcmp;
        this.wire = wire;
    }

    void handle(PacketBatch batch, int slot, InnerPacket inner, int outerMtu) {
        int innerMtu = outerMtu - headers.overheadBytes() - inner.linkHeaderBytes();
        switch (headers.outer().oversized(inner, innerMtu)) {
            case ANSWER -> answerTooBig(batch, slot, inner, innerMtu);
            case DROP -> batch.drop(slot, DropReason.TOO_BIG_UNANSWERED);
            case FRAGMENT_INNER -> sendInnerFragments(batch, slot, inner, innerMtu);
            case FRAGMENT_OUTER -> sendOuterFragments(batch, slot, inner, outerMtu);
        }
    }

    private void answerTooBig(PacketBatch batch, int slot, InnerPacket inner, int innerMtu) {
        boolean isAnswered =
                inner.ipVersion() != 0
                        && innerIcmp.writeTooBig(
                                batch.memory(),
                                batch.start(slot),
                                batch.lengthBytes(slot),
                                headers.outer().toldMtu(inner, innerMtu));
        batch.drop(slot, isAnswered ? DropReason.TOO_BIG : DropReason.TOO_BIG_UNANSWERED);
    }

    private void sendOuterFragments(PacketBatch batch, int slot, InnerPacket inner, int outerMtu) {
        if (batch.tailBytes(slot) > 0) {
            dropSegment(batch, slot);
            return;
        }
        int overheadBytes = headers.overheadBytes();
        if (batch.lengthBytes(slot) + overheadBytes > PathMtu.MOST) {
            // no outer packet can hold it, not even in fragments
            answerTooBig(
                    batch, slot, inner, PathMtu.MOST - overheadBytes - inner.linkHeaderBytes());
            return;
        }
        headers.prepend(batch, slot, inner, false);
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
        batch.strip(slot, overheadBytes);
        batch.replace(slot, PacketBatch.Replacement.FRAGMENTS);
    }

    /** A fragment of what a frame carries travels in a frame like it. */
    private void sendInnerFragments(PacketBatch batch, int slot, InnerPacket inner, int innerMtu) {
        if (batch.tailBytes(slot) > 0) {
            dropSegment(batch, slot);
            return;
        }
        int linkBytes = inner.linkHeaderBytes();
        fragmenter.split(batch.memory(), inner.ipAt(), mtuForFragments(innerMtu));
        while (fragmenter.hasNext()) {
            PacketBatch fragments = wire.batchWithRoom();
            if (fragments == null) {
                batch.drop(slot, DropReason.FRAGMENT_NO_ROOM);
                return;
            }
            int fragment = fragmenter.copyNext(fragments);
            if (linkBytes > 0) {
                int at = fragments.prepend(fragment, linkBytes);
                fragments.memory().put(at, batch.memory(), batch.start(slot), linkBytes);
            }
            headers.prepend(fragments, fragment, inner, true);
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
