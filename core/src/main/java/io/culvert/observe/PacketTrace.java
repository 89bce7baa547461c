package io.culvert.observe;

import io.culvert.observe.TraceRecord.Kind;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketBatch.Replacement;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a lane shows its packets to those who watch: both sides of each, and how it ended.
 *
 * <p>While nobody watches, a batch costs the question {@link #isWatched} and a packet nothing.
 * While somebody does, each packet is copied into the ring of every {@link TraceTap} that wants it,
 * when its batch is settled; nothing waits and nothing is allocated. Confined to the lane's thread.
 */
public final class PacketTrace {
    private static final TraceTap[] NOBODY = {};

    private TraceTap[] taps = NOBODY;

    /** Whether the other methods need to be called. */
    public boolean isWatched() {
        return taps.length != 0;
    }

    /** Adds a watcher. */
    public void attach(TraceTap tap) {
        List<TraceTap> watchers = new ArrayList<>(List.of(taps));
        watchers.add(tap);
        taps = watchers.toArray(NOBODY);
    }

    /** Removes a watcher, if it is one. */
    public void detach(TraceTap tap) {
        List<TraceTap> watchers = new ArrayList<>(List.of(taps));
        watchers.remove(tap);
        taps = watchers.toArray(NOBODY);
    }

    /** Keeps what came from the wire as it came, for {@link #settleReceived}. */
    public void receive(PacketBatch batch) {
        for (TraceTap tap : taps) {
            tap.receive(batch);
        }
    }

    /** Records how the packets of a received batch ended. */
    public void settleReceived(PacketBatch batch) {
        for (TraceTap tap : taps) {
            int area = tap.stage().find(batch);
            if (area != TraceStage.NONE) { // else it came before this one watched
                settleReceived(tap, batch, area);
                tap.stage().forget(area);
                tap.publish();
            }
        }
    }

    private static void settleReceived(TraceTap tap, PacketBatch batch, int area) {
        TraceStage stage = tap.stage();
        int place = stage.firstPlace(area);
        for (int slot = 0, slots = stage.offeredSlots(area); slot < slots; slot++) {
            boolean isKept = stage.slot(place) == slot;
            boolean isCounted = tap.counts(batch.tunnel(slot), batch.dropReason(slot) != null);
            if (isKept) {
                if (isCounted) {
                    recordReceived(tap, batch, slot, place);
                }
                place++;
            }
        }
    }

    /**
     * Records how packets from a tunnel's device ended. Those that became segments are not: the
     * segments are, each in its own batch.
     */
    public void settleTransmitted(PacketBatch batch, int tunnel) {
        settle(batch, tunnel, Kind.TRANSMITTED);
    }

    /** Records how fragments ended. */
    public void settleFragments(PacketBatch batch, int tunnel) {
        settle(batch, tunnel, Kind.FRAGMENT);
    }

    /** Records how keepalives and the answers to the peer's ended. */
    public void settleKeepalives(PacketBatch batch, int tunnel) {
        settle(batch, tunnel, Kind.KEEPALIVE);
    }

    /** Records how ICMP errors to a tunnel's device ended. */
    public void settleAnswers(PacketBatch batch, int tunnel) {
        settle(batch, tunnel, Kind.ANSWER);
    }

    /**
     * Records an error about an outer packet that was sent earlier.
     *
     * @param tunnel whose packet it was; {@link PacketBatch#NO_TUNNEL} when that is not known
     * @param quoted what is known of that packet, from 0 to the limit
     */
    public void outerError(int tunnel, TracedError error, ByteBuffer quoted) {
        for (TraceTap tap : taps) {
            TraceRecordWriter record = tap.next(tunnel, true);
            if (record != null) {
                record.start(Kind.OUTER_ERROR, tunnel, null, tap.nowNanos(), 0);
                record.error(error.isLocal(), error.errno(), error.type(), error.code());
                record.errorFrom(error.offender(), error.infoMtu());
                record.outerOnly(quoted.limit());
                record.append(quoted, 0, Math.min(quoted.limit(), tap.options().snapBytes()));
            }
            tap.publish();
        }
    }

    private static void recordReceived(TraceTap tap, PacketBatch batch, int slot, int place) {
        TraceRecordWriter record = tap.claim();
        if (record == null) {
            return;
        }
        TraceStage stage = tap.stage();
        boolean isDropped = batch.dropReason(slot) != null;
        record.start(
                Kind.RECEIVED,
                batch.tunnel(slot),
                batch.dropReason(slot),
                tap.nowNanos(),
                batch.readNanos());
        record.link(batch.link(slot));
        int outerBytes = stage.outerBytes(place);
        int outerAt = stage.outerStart(place);
        int headerBytes = batch.start(slot) - outerAt;
        int wantedBytes = Math.min(outerBytes, headerBytes + tap.options().snapBytes());
        int keptAt = stage.at(place);
        int keptBytes = Math.min(wantedBytes, TraceStage.KEPT_BYTES);
        record.append(stage.memory(), keptAt, keptBytes);
        record.append(batch.memory(), outerAt + keptBytes, wantedBytes - keptBytes);
        boolean isKeepalive = batch.replacement(slot) == Replacement.KEEPALIVE;
        if (isKeepalive) {
            record.replaced();
        }
        if (headerBytes == 0) {
            record.outerOnly(outerBytes);
            return;
        }
        record.bothSides(outerBytes, headerBytes, batch.lengthBytes(slot));
        // of both IP versions the ECN bits are in the first two bytes, which nothing else changes
        short delivered = batch.memory().getShort(batch.start(slot));
        if (delivered != stage.memory().getShort(keptAt + headerBytes)) {
            record.deliveredFirstWord(delivered & 0xffff);
        }
        if (batch.isHostJoined(slot)) {
            record.hostSegmentBytes(batch.segmentBytes(slot));
            return;
        }
        boolean isEnded = isDropped || batch.replacement(slot) != null;
        boolean isPartOfAnother = !isEnded && !batch.isLive(slot);
        if (isPartOfAnother || batch.nextJoined(slot) != PacketBatch.NONE) {
            record.joined();
        }
    }

    private void settle(PacketBatch batch, int tunnel, Kind kind) {
        for (TraceTap tap : taps) {
            for (int slot = 0, size = batch.size(); slot < size; slot++) {
                if (batch.replacement(slot) != Replacement.SEGMENTS) {
                    record(tap, batch, slot, tunnel, kind);
                }
            }
            tap.publish();
        }
    }

    private static void record(TraceTap tap, PacketBatch batch, int slot, int tunnel, Kind kind) {
        TraceRecordWriter record = tap.next(tunnel, batch.dropReason(slot) != null);
        if (record == null) {
            return;
        }
        PacketBatch source = batch.tailSource();
        long readNanos = source == null ? batch.readNanos() : source.readNanos();
        record.start(kind, tunnel, batch.dropReason(slot), tap.nowNanos(), readNanos);
        int totalBytes = batch.totalBytes(slot);
        int headerBytes = batch.slab().packetAt(slot) - batch.start(slot);
        if (headerBytes > 0) {
            record.bothSides(totalBytes, headerBytes, totalBytes - headerBytes);
        } else if (kind == Kind.FRAGMENT || kind == Kind.KEEPALIVE) {
            record.outerOnly(totalBytes);
        } else {
            record.innerOnly(totalBytes);
        }
        if (batch.replacement(slot) == Replacement.FRAGMENTS) {
            record.replaced();
        }
        int wantedBytes = Math.min(totalBytes, headerBytes + tap.options().snapBytes());
        int inSlot = Math.min(wantedBytes, batch.lengthBytes(slot));
        record.append(batch.memory(), batch.start(slot), inSlot);
        if (batch.tailBytes(slot) > 0) {
            record.append(source.memory(), batch.tailStart(slot), wantedBytes - inSlot);
            int sourceSlot = batch.tailStart(slot) / source.slab().strideBytes();
            if (source.segmentBytes(sourceSlot) > 0) {
                record.superPacketBytes(source.lengthBytes(sourceSlot));
            }
        }
    }
}
