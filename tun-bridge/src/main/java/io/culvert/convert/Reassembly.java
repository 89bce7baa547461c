package io.culvert.convert;

import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Puts IPv4 fragments together again (RFC 791 §3.2), as the host does before a tunnel sees them.
 *
 * <p>Of packets that are not complete it keeps the last 64, so at most 4 MiB. Where fragments
 * overlap, the first bytes stay. Confined to one thread.
 */
final class Reassembly {
    private static final int MOST_UNFINISHED = 64;
    private static final int MOST_PAYLOAD_BYTES = 65_535 - Ipv4Header.MIN_LENGTH;
    private static final int UNIT_BYTES = 8;

    private final Ipv4Header header = new Ipv4Header();
    private final Map<PacketId, Unfinished> unfinished =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<PacketId, Unfinished> eldest) {
                    boolean isTooMany = size() > MOST_UNFINISHED;
                    givenUp += isTooMany ? 1 : 0;
                    return isTooMany;
                }
            };
    private long givenUp;

    private record PacketId(int source, int destination, int identification, int protocol) {}

    /** What has come of a packet. */
    private static final class Unfinished {
        private final BitSet units = new BitSet();
        private byte[] payload = new byte[2048];
        private byte[] firstHeader;
        private int payloadBytes = -1;

        void put(int offset, ByteBuffer from, int at, int bytes) {
            if (payload.length < offset + bytes) {
                int twice = Math.min(MOST_PAYLOAD_BYTES, 2 * payload.length);
                payload = java.util.Arrays.copyOf(payload, Math.max(offset + bytes, twice));
            }
            for (int done = 0; done < bytes; done += UNIT_BYTES) {
                int unit = (offset + done) / UNIT_BYTES;
                if (!units.get(unit)) {
                    units.set(unit);
                    int count = Math.min(UNIT_BYTES, bytes - done);
                    from.get(at + done, payload, offset + done, count);
                }
            }
        }

        boolean isComplete() {
            int needed = (payloadBytes + UNIT_BYTES - 1) / UNIT_BYTES;
            return firstHeader != null && payloadBytes >= 0 && units.nextClearBit(0) >= needed;
        }
    }

    /**
     * Takes a fragment whose header is valid and of which all bytes are there.
     *
     * @param packet from its IPv4 header on, at position 0
     * @return the whole packet once this was its last piece; null before
     */
    ByteBuffer add(ByteBuffer packet) {
        header.wrap(packet, 0);
        int offset = header.fragmentOffsetBytes();
        int headerBytes = header.headerLengthBytes();
        int bytes = header.totalLengthBytes() - headerBytes;
        boolean isSensible =
                bytes > 0
                        && offset + bytes <= MOST_PAYLOAD_BYTES
                        && (!header.moreFragments() || bytes % UNIT_BYTES == 0);
        if (!isSensible) {
            return null;
        }
        PacketId id =
                new PacketId(
                        header.source(),
                        header.destination(),
                        header.identification(),
                        header.protocol());
        Unfinished all = unfinished.computeIfAbsent(id, key -> new Unfinished());
        all.put(offset, packet, headerBytes, bytes);
        if (offset == 0) {
            all.firstHeader = new byte[headerBytes];
            packet.get(0, all.firstHeader);
        }
        if (!header.moreFragments()) {
            all.payloadBytes = offset + bytes;
        }
        if (!all.isComplete()) {
            return null;
        }
        unfinished.remove(id);
        return whole(all);
    }

    private ByteBuffer whole(Unfinished all) {
        int headerBytes = all.firstHeader.length;
        ByteBuffer packet = ByteBuffer.allocate(headerBytes + all.payloadBytes);
        packet.put(0, all.firstHeader).put(headerBytes, all.payload, 0, all.payloadBytes);
        header.wrap(packet, 0)
                .totalLengthBytes(packet.capacity())
                .fragmentOffsetBytes(0)
                .moreFragments(false)
                .writeHeaderChecksum();
        return packet;
    }

    /** Packets of which some fragments never came. */
    long incomplete() {
        return givenUp + unfinished.size();
    }
}
