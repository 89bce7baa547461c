package io.culvert.observe;

import io.culvert.observe.CapturedPacket.Direction;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The capture format pcapng (draft-ietf-opsawg-pcapng §3 and §4): sections of blocks, in either
 * byte order, with interfaces of any link type side by side.
 *
 * <p>Blocks of other kinds (name resolution, secrets, statistics) are passed over.
 */
final class PcapngReader implements CaptureReader {
    /** The same in both byte orders. */
    static final int SECTION_HEADER = 0x0a0d0d0a;

    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int OBSOLETE_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int VERSION = 1;
    private static final int LEAST_BLOCK_BYTES = 12;
    private static final int LEAST_SECTION_BYTES = 28;
    private static final int INTERFACE_FIELDS = 8;
    private static final int PACKET_FIELDS = 20;

    /** As many as Wireshark believes in; the longest comments fit, and memory is bounded. */
    private static final int MOST_BLOCK_BYTES = 16 << 20;

    private static final int MOST_INTERFACES = 1 << 16;

    private static final int OPTION_END = 0;
    private static final int OPTION_COMMENT = 1;
    private static final int INTERFACE_NAME = 2;
    private static final int INTERFACE_TEXT = 3;
    private static final int INTERFACE_RESOLUTION = 9;
    private static final int INTERFACE_OFFSET = 14;
    private static final int PACKET_FLAGS = 2;

    private final InputStream in;
    private final List<CaptureInterface> interfaces = new ArrayList<>();
    private final List<CaptureClock> clocks = new ArrayList<>();
    private int firstOfSection;
    private ByteOrder order = ByteOrder.BIG_ENDIAN;
    private long at;
    private String damage;

    /** Reads the first section's header, whose type was read. */
    PcapngReader(InputStream in) throws IOException {
        this.in = in;
        readSectionHeader();
        if (damage != null) {
            throw new CaptureFormatException(damage);
        }
    }

    @Override
    public CapturedPacket next() throws IOException {
        while (damage == null) {
            byte[] start = in.readNBytes(Integer.BYTES);
            if (start.length == 0) {
                return null;
            }
            if (start.length < Integer.BYTES) {
                damage = cutShort();
            } else if (ByteBuffer.wrap(start).getInt() == SECTION_HEADER) {
                readSectionHeader();
            } else {
                CapturedPacket packet = readBlock(ByteBuffer.wrap(start).order(order).getInt());
                if (packet != null) {
                    return packet;
                }
            }
        }
        return null;
    }

    @Override
    public List<CaptureInterface> interfaces() {
        return Collections.unmodifiableList(interfaces);
    }

    @Override
    public Optional<String> damage() {
        return Optional.ofNullable(damage);
    }

    private void readSectionHeader() throws IOException {
        ByteBuffer start = read(2 * Integer.BYTES);
        if (start.remaining() < 2 * Integer.BYTES) {
            damage = cutShort();
            return;
        }
        order =
                start.order(ByteOrder.BIG_ENDIAN).getInt(Integer.BYTES) == BYTE_ORDER_MAGIC
                        ? ByteOrder.BIG_ENDIAN
                        : ByteOrder.LITTLE_ENDIAN;
        start.order(order);
        long lengthBytes = start.getInt(0) & 0xffff_ffffL;
        boolean isWrong =
                start.getInt(Integer.BYTES) != BYTE_ORDER_MAGIC
                        || lengthBytes < LEAST_SECTION_BYTES
                        || lengthBytes % Integer.BYTES != 0;
        if (isWrong) {
            damage = damagedAt("has no section header that makes sense");
            return;
        }
        ByteBuffer version = read(Integer.BYTES);
        if (version.remaining() == Integer.BYTES && version.getShort(0) != VERSION) {
            damage =
                    "it is a pcapng file of version %d, not %d"
                            .formatted(version.getShort(0) & 0xffff, VERSION);
            return;
        }
        skip(lengthBytes - 4 * Integer.BYTES);
        firstOfSection = interfaces.size();
        at += lengthBytes;
    }

    private CapturedPacket readBlock(int type) throws IOException {
        ByteBuffer length = read(Integer.BYTES);
        if (length.remaining() < Integer.BYTES) {
            damage = cutShort();
            return null;
        }
        long lengthBytes = length.getInt() & 0xffff_ffffL;
        if (lengthBytes < LEAST_BLOCK_BYTES || lengthBytes % Integer.BYTES != 0) {
            damage = damagedAt("would have " + lengthBytes + " bytes");
            return null;
        }
        boolean isOurs =
                type == INTERFACE_DESCRIPTION
                        || type == ENHANCED_PACKET
                        || type == OBSOLETE_PACKET
                        || type == SIMPLE_PACKET;
        if (!isOurs) {
            skip(lengthBytes - 2 * Integer.BYTES);
            at += lengthBytes;
            return null;
        }
        if (lengthBytes > MOST_BLOCK_BYTES) {
            damage = damagedAt("would have " + lengthBytes + " bytes");
            return null;
        }
        ByteBuffer body = read((int) lengthBytes - 2 * Integer.BYTES);
        if (body.remaining() < lengthBytes - 2 * Integer.BYTES) {
            damage = cutShort();
            return null;
        }
        int end = body.limit() - Integer.BYTES;
        if (body.getInt(end) != lengthBytes) {
            damage = damagedAt("ends with another length than it begins with");
            return null;
        }
        CapturedPacket packet = parse(type, body.limit(end));
        at += lengthBytes;
        return packet;
    }

    private CapturedPacket parse(int type, ByteBuffer body) {
        int fields =
                switch (type) {
                    case INTERFACE_DESCRIPTION -> INTERFACE_FIELDS;
                    case SIMPLE_PACKET -> Integer.BYTES;
                    default -> PACKET_FIELDS;
                };
        if (body.remaining() < fields) {
            damage = damagedAt("is too short for what it says it is");
            return null;
        }
        switch (type) {
            case INTERFACE_DESCRIPTION -> describe(body);
            case SIMPLE_PACKET -> {
                return simplePacket(body);
            }
            case OBSOLETE_PACKET -> {
                int id = body.getShort() & 0xffff;
                body.getShort(); // packets dropped before this one
                return packet(id, body);
            }
            default -> {
                return packet(body.getInt(), body);
            }
        }
        return null;
    }

    private void describe(ByteBuffer body) {
        if (interfaces.size() == MOST_INTERFACES) {
            damage = damagedAt("describes yet another interface after " + MOST_INTERFACES);
            return;
        }
        int linkType = body.getShort() & 0xffff;
        body.getShort();
        int snapLength = Math.max(0, body.getInt());
        String name = "";
        String description = "";
        byte resolution = CaptureClock.MICROSECONDS;
        long offsetSeconds = 0;
        for (ByteBuffer option = option(body); option != null; option = option(body)) {
            int code = option.getShort();
            option.getShort();
            switch (code) {
                case INTERFACE_NAME -> name = text(option);
                case INTERFACE_TEXT -> description = text(option);
                case INTERFACE_RESOLUTION -> resolution = option.hasRemaining() ? option.get() : 6;
                case INTERFACE_OFFSET ->
                        offsetSeconds = option.remaining() >= Long.BYTES ? option.getLong() : 0;
                default -> {} // hardware addresses and the like
            }
        }
        interfaces.add(new CaptureInterface(name, description, linkType, snapLength));
        clocks.add(new CaptureClock(resolution, offsetSeconds));
    }

    /** Of the first interface, and without a time. */
    private CapturedPacket simplePacket(ByteBuffer body) {
        if (!isDescribed(0)) {
            return null;
        }
        int original = body.getInt();
        int snapLength = interfaces.get(firstOfSection).snapLengthBytes();
        int most = snapLength == 0 ? body.remaining() : Math.min(body.remaining(), snapLength);
        int captured = original < 0 ? most : Math.min(original, most);
        return new CapturedPacket(
                firstOfSection,
                0,
                bytes(body, captured),
                Math.max(original, captured),
                Direction.UNKNOWN,
                List.of());
    }

    private CapturedPacket packet(int id, ByteBuffer body) {
        if (!isDescribed(id)) {
            return null;
        }
        long units = (body.getInt() & 0xffff_ffffL) << 32 | body.getInt() & 0xffff_ffffL;
        int captured = body.getInt();
        int original = body.getInt();
        boolean isCredible =
                captured >= 0
                        && captured <= CaptureInterface.MOST_SNAP_LENGTH_BYTES
                        && captured <= body.remaining();
        if (!isCredible) {
            damage = damagedAt("says that it holds " + (captured & 0xffff_ffffL) + " bytes");
            return null;
        }
        ByteBuffer bytes = bytes(body, captured);
        body.position(Math.min(body.limit(), body.position() + padded(captured)));
        Direction direction = Direction.UNKNOWN;
        List<String> comments = new ArrayList<>();
        for (ByteBuffer option = option(body); option != null; option = option(body)) {
            int code = option.getShort();
            option.getShort();
            if (code == OPTION_COMMENT) {
                comments.add(text(option));
            } else if (code == PACKET_FLAGS && option.remaining() >= Integer.BYTES) {
                direction = direction(option.getInt());
            }
        }
        int interfaceId = firstOfSection + id;
        return new CapturedPacket(
                interfaceId,
                clocks.get(interfaceId).epochNanos(units),
                bytes,
                original < captured ? captured : original,
                direction,
                comments);
    }

    private boolean isDescribed(int id) {
        boolean isDescribed = id >= 0 && id < interfaces.size() - firstOfSection;
        if (!isDescribed) {
            damage = damagedAt("is of an interface that was not described");
        }
        return isDescribed;
    }

    private static Direction direction(int flags) {
        return switch (flags & 3) {
            case 1 -> Direction.INBOUND;
            case 2 -> Direction.OUTBOUND;
            default -> Direction.UNKNOWN;
        };
    }

    /** The next option, code and length included; null behind the last one. */
    private static ByteBuffer option(ByteBuffer body) {
        if (body.remaining() < Integer.BYTES) {
            return null;
        }
        int start = body.position();
        int code = body.getShort(start);
        int lengthBytes = body.getShort(start + Short.BYTES) & 0xffff;
        if (code == OPTION_END || Integer.BYTES + lengthBytes > body.remaining()) {
            return null;
        }
        ByteBuffer option = body.slice(start, Integer.BYTES + lengthBytes).order(body.order());
        body.position(Math.min(body.limit(), start + Integer.BYTES + padded(lengthBytes)));
        return option;
    }

    private static String text(ByteBuffer option) {
        return StandardCharsets.UTF_8.decode(option).toString();
    }

    private static ByteBuffer bytes(ByteBuffer body, int captured) {
        return body.slice(body.position(), captured); // big endian, as packets are
    }

    private static int padded(int lengthBytes) {
        return lengthBytes + 3 & ~3;
    }

    private ByteBuffer read(int bytes) throws IOException {
        return ByteBuffer.wrap(in.readNBytes(bytes)).order(order);
    }

    private void skip(long bytes) throws IOException {
        try {
            in.skipNBytes(bytes);
        } catch (EOFException e) {
            damage = cutShort();
        }
    }

    private String cutShort() {
        return "it is cut short in the block at byte " + at;
    }

    private String damagedAt(String how) {
        return "it is damaged: the block at byte " + at + " " + how;
    }
}
