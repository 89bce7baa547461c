package io.culvert.observe;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the classic capture format with times in nanoseconds, as {@link PcapReader} reads it. It
 * has one link type, and no place for interfaces, directions, comments and statistics.
 */
public final class PcapWriter implements CaptureWriter {
    private static final int MAGIC_OF_NANOS = 0xa1b23c4d;
    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final OutputStream out;
    private final List<Integer> linkTypes = new ArrayList<>();
    private int linkType = -1;

    /**
     * @param out closed by {@link #close}; the file's header is written with its first packet
     */
    public PcapWriter(OutputStream out) {
        this.out = out;
    }

    @Override
    public int addInterface(CaptureInterface description) {
        int type = description.linkType();
        linkTypes.add(type == CaptureInterface.RAW_IP_OF_SEVERAL ? CaptureInterface.RAW_IP : type);
        return linkTypes.size() - 1;
    }

    /**
     * Writes a packet.
     *
     * @throws IOException also when it begins with another link type than the first one
     */
    @Override
    public void write(CapturedPacket packet) throws IOException {
        int type = linkTypes.get(packet.interfaceId());
        if (linkType < 0) {
            begin(type);
        }
        if (type != linkType) {
            throw new IOException(
                    "pcap keeps one link type, and these packets are "
                            + name(linkType)
                            + " and "
                            + name(type)
                            + "; a name that ends with .pcapng can keep both");
        }
        ByteBuffer bytes = packet.bytes();
        byte[] record = new byte[PACKET_HEADER + bytes.remaining()];
        ByteBuffer.wrap(record)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) Math.floorDiv(packet.epochNanos(), NANOS_PER_SECOND))
                .putInt((int) Math.floorMod(packet.epochNanos(), NANOS_PER_SECOND))
                .putInt(bytes.remaining())
                .putInt(packet.originalBytes())
                .put(bytes.duplicate());
        out.write(record);
    }

    private static String name(int type) {
        return switch (type) {
            case CaptureInterface.RAW_IP -> "raw IP";
            case CaptureInterface.ETHERNET -> "Ethernet";
            default -> "of link type " + type;
        };
    }

    private void begin(int type) throws IOException {
        linkType = type;
        byte[] header = new byte[FILE_HEADER];
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC_OF_NANOS)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(CaptureInterface.MOST_SNAP_LENGTH_BYTES)
                .putInt(type);
        out.write(header);
    }

    /** Nothing: the format has no place for it. */
    @Override
    public void writeStatistics(int interfaceId, long epochNanos, long received, long dropped) {}

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        try (out) {
            if (linkType < 0) {
                begin(linkTypes.isEmpty() ? CaptureInterface.RAW_IP : linkTypes.get(0));
            }
        }
    }
}
