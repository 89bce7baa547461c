package io.culvert.observe;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a capture file that Wireshark, tshark and tcpdump open: one section, any number of
 * interfaces, times in nanoseconds, comments on packets (draft-ietf-opsawg-pcapng §3 and §4).
 *
 * <pre>
 *     +---------------------------------------------------------------+
 *     | block type | block total length | body | options | total length again |
 *     +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Each block is one {@code write} to the stream, so that a reader at the other end of a pipe
 * never waits for the rest of one. Nothing is flushed but by {@link #flush}. Confined to one
 * thread.
 */
public final class PcapngWriter implements CaptureWriter {
    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int INTERFACE_STATISTICS = 5;
    private static final int ENHANCED_PACKET = 6;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int LENGTH_UNKNOWN = -1;

    private static final int OPTION_END = 0;
    private static final int OPTION_COMMENT = 1;
    private static final int SECTION_APPLICATION = 4;
    private static final int INTERFACE_NAME = 2;
    private static final int INTERFACE_DESCRIPTION_TEXT = 3;
    private static final int INTERFACE_TIME_RESOLUTION = 9;
    private static final int PACKET_FLAGS = 2;
    private static final int STATISTICS_RECEIVED = 4;
    private static final int STATISTICS_DROPPED = 5;
    private static final byte NANOSECONDS = 9; // 10^-9

    private static final int MOST_OPTION_BYTES = 0xffff;
    private static final int FIRST_BLOCK_BYTES = 4096;

    private final OutputStream out;
    private final List<CaptureInterface> interfaces = new ArrayList<>();
    private ByteBuffer block =
            ByteBuffer.allocate(FIRST_BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * Begins the file.
     *
     * @param out closed by {@link #close}; for a {@code WritableByteChannel} there is {@code
     *     Channels.newOutputStream}
     * @param application the program that writes, for whoever reads the file
     */
    public PcapngWriter(OutputStream out, String application) throws IOException {
        this.out = out;
        begin(SECTION_HEADER);
        block.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0);
        block.putLong(LENGTH_UNKNOWN);
        text(SECTION_APPLICATION, application);
        end();
    }

    /**
     * Describes an interface; also between packets.
     *
     * @return its id, for {@link CapturedPacket#interfaceId}
     */
    @Override
    public int addInterface(CaptureInterface description) throws IOException {
        begin(INTERFACE_DESCRIPTION);
        block.putShort((short) description.linkType()).putShort((short) 0);
        block.putInt(description.snapLengthBytes());
        text(INTERFACE_NAME, description.name());
        text(INTERFACE_DESCRIPTION_TEXT, description.description());
        option(INTERFACE_TIME_RESOLUTION, new byte[] {NANOSECONDS});
        end();
        interfaces.add(description);
        return interfaces.size() - 1;
    }

    /**
     * Writes a packet, of which no more than the interface's snap length; the buffer's position
     * stays.
     *
     * @throws IllegalArgumentException when its interface was not added
     */
    @Override
    public void write(CapturedPacket packet) throws IOException {
        ByteBuffer bytes = packet.bytes();
        int snapLengthBytes = interfaceOf(packet.interfaceId()).snapLengthBytes();
        int kept =
                snapLengthBytes == 0
                        ? bytes.remaining()
                        : Math.min(bytes.remaining(), snapLengthBytes);
        begin(ENHANCED_PACKET);
        block.putInt(packet.interfaceId());
        time(packet.epochNanos());
        block.putInt(kept);
        block.putInt(Math.max(packet.originalBytes(), kept));
        room(kept);
        block.put(block.position(), bytes, bytes.position(), kept);
        block.position(block.position() + kept);
        pad();
        if (packet.direction() != CapturedPacket.Direction.UNKNOWN) {
            option(PACKET_FLAGS, word(packet.direction().ordinal()));
        }
        for (String comment : packet.comments()) {
            text(OPTION_COMMENT, comment);
        }
        end();
    }

    /**
     * Says how many packets an interface has seen and how many of them are missing in the file;
     * best at its end.
     */
    @Override
    public void writeStatistics(int interfaceId, long epochNanos, long received, long dropped)
            throws IOException {
        interfaceOf(interfaceId);
        begin(INTERFACE_STATISTICS);
        block.putInt(interfaceId);
        time(epochNanos);
        option(STATISTICS_RECEIVED, longWord(received));
        option(STATISTICS_DROPPED, longWord(dropped));
        end();
    }

    /** The interfaces so far; their places are their ids. */
    public List<CaptureInterface> interfaces() {
        return List.copyOf(interfaces);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private CaptureInterface interfaceOf(int id) {
        if (id >= interfaces.size()) {
            throw new IllegalArgumentException(
                    "interface " + id + " was not added; there are " + interfaces.size());
        }
        return interfaces.get(id);
    }

    private void begin(int type) {
        block.clear();
        block.putInt(type).putInt(0);
    }

    private void end() throws IOException {
        room(2 * Integer.BYTES);
        block.putShort((short) OPTION_END).putShort((short) 0);
        int lengthBytes = block.position() + Integer.BYTES;
        block.putInt(lengthBytes).putInt(Integer.BYTES, lengthBytes);
        out.write(block.array(), 0, lengthBytes);
    }

    private void time(long epochNanos) {
        block.putInt((int) (epochNanos >>> 32)).putInt((int) epochNanos);
    }

    private void text(int code, String text) {
        if (!text.isEmpty()) {
            option(code, cut(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void option(int code, byte[] value) {
        room(Integer.BYTES + value.length);
        block.putShort((short) code).putShort((short) value.length).put(value);
        pad();
    }

    /** Whole characters only: half a one makes a text that is not UTF-8. */
    private static byte[] cut(byte[] utf8) {
        if (utf8.length <= MOST_OPTION_BYTES) {
            return utf8;
        }
        int end = MOST_OPTION_BYTES;
        while ((utf8[end] & 0xc0) == 0x80) {
            end--;
        }
        return java.util.Arrays.copyOf(utf8, end);
    }

    private void pad() {
        while (block.position() % Integer.BYTES != 0) {
            block.put((byte) 0);
        }
    }

    private static byte[] word(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] longWord(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    /** Makes room for as many bytes, the padding behind them and the block's end. */
    private void room(int bytes) {
        int needed = block.position() + bytes + 4 * Integer.BYTES;
        if (needed > block.capacity()) {
            block =
                    ByteBuffer.allocate(Math.max(needed, 2 * block.capacity()))
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .put(block.flip());
        }
    }
}
