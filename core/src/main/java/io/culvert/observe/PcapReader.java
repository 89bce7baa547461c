package io.culvert.observe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * The classic capture format (draft-ietf-opsawg-pcap §4 and §5): a header, then packets.
 *
 * <pre>
 *     file     magic, major.minor version, 0, 0, snap length, link type         24 bytes
 *     packet   seconds, fraction, captured length, original length, the bytes   16 bytes and those
 * </pre>
 */
final class PcapReader implements CaptureReader {
    /** Byte order and resolution, as the magic number tells them. */
    enum Flavor {
        BIG_MICROS(0xa1b2c3d4, ByteOrder.BIG_ENDIAN, 1_000),
        BIG_NANOS(0xa1b23c4d, ByteOrder.BIG_ENDIAN, 1),
        LITTLE_MICROS(0xd4c3b2a1, ByteOrder.LITTLE_ENDIAN, 1_000),
        LITTLE_NANOS(0x4d3cb2a1, ByteOrder.LITTLE_ENDIAN, 1);

        private final int magic;
        private final ByteOrder order;
        private final int nanosPerUnit;

        Flavor(int magic, ByteOrder order, int nanosPerUnit) {
            this.magic = magic;
            this.order = order;
            this.nanosPerUnit = nanosPerUnit;
        }

        /** By the first four bytes, read as big endian; null when they are none of these. */
        static Flavor of(int magic) {
            for (Flavor flavor : values()) {
                if (flavor.magic == magic) {
                    return flavor;
                }
            }
            return null;
        }
    }

    private static final int REST_OF_FILE_HEADER = 20;
    private static final int SNAP_LENGTH = 12;
    private static final int LINK_TYPE = 16;
    private static final int PACKET_HEADER = 16;
    private static final int VERSION = 2;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final InputStream in;
    private final Flavor flavor;
    private final List<CaptureInterface> interfaces;
    private long at = Integer.BYTES + REST_OF_FILE_HEADER;
    private String damage;

    /** Reads the file's header, whose magic number was read. */
    PcapReader(InputStream in, Flavor flavor) throws IOException {
        this.in = in;
        this.flavor = flavor;
        ByteBuffer header = read(REST_OF_FILE_HEADER);
        if (header.remaining() < REST_OF_FILE_HEADER) {
            throw new CaptureFormatException("it is a pcap file cut short in its header");
        }
        int major = header.getShort(0);
        if (major != VERSION) {
            throw new CaptureFormatException(
                    "it is a pcap file of version " + (major & 0xffff) + ", not " + VERSION);
        }
        int snapLength = Math.max(0, header.getInt(SNAP_LENGTH));
        // the upper half tells of frame check sequences, which Linux never captures
        int linkType = header.getInt(LINK_TYPE) & 0xffff;
        interfaces = List.of(new CaptureInterface("", "", linkType, snapLength));
    }

    @Override
    public CapturedPacket next() throws IOException {
        if (damage != null) {
            return null;
        }
        ByteBuffer header = read(PACKET_HEADER);
        if (!header.hasRemaining()) {
            return null;
        }
        if (header.remaining() < PACKET_HEADER) {
            return damaged("it is cut short in a packet's header, at byte " + at);
        }
        long seconds = header.getInt() & 0xffff_ffffL;
        long fraction = header.getInt() & 0xffff_ffffL;
        int captured = header.getInt();
        int original = header.getInt();
        if (captured < 0 || captured > CaptureInterface.MOST_SNAP_LENGTH_BYTES) {
            return damaged(
                    "it is damaged: the packet at byte %d would have %d bytes"
                            .formatted(at, captured & 0xffff_ffffL));
        }
        ByteBuffer bytes = read(captured);
        if (bytes.remaining() < captured) {
            return damaged(
                    "it is cut short: of the packet at byte %d there are %d of %d bytes"
                            .formatted(at, bytes.remaining(), captured));
        }
        at += PACKET_HEADER + captured;
        return new CapturedPacket(
                0,
                seconds * NANOS_PER_SECOND + fraction * flavor.nanosPerUnit,
                bytes.order(ByteOrder.BIG_ENDIAN),
                original < captured ? captured : original,
                CapturedPacket.Direction.UNKNOWN,
                List.of());
    }

    @Override
    public List<CaptureInterface> interfaces() {
        return interfaces;
    }

    @Override
    public Optional<String> damage() {
        return Optional.ofNullable(damage);
    }

    private CapturedPacket damaged(String how) {
        damage = how;
        return null;
    }

    private ByteBuffer read(int bytes) throws IOException {
        return ByteBuffer.wrap(in.readNBytes(bytes)).order(flavor.order);
    }
}
