package io.culvert.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A capture file in the classic pcap format, of either byte order and either resolution
 * (draft-ietf-opsawg-pcap §4 and §5).
 *
 * @param linkType a LINKTYPE number, such as {@link #ETHERNET}
 * @param records each packet from its link-layer header on
 */
public record PcapFile(int linkType, List<byte[]> records) {
    public static final int ETHERNET = 1;
    public static final int RAW_IP = 101;

    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final int FILE_HEADER_LENGTH = 24;
    private static final int RECORD_HEADER_LENGTH = 16;
    private static final int LINK_TYPE = 20;
    private static final int CAPTURED_LENGTH = 8;
    private static final int ORIGINAL_LENGTH = 12;

    /**
     * Reads a whole file.
     *
     * @throws IllegalArgumentException when it is not a pcap file, or a packet was cut short
     */
    public static PcapFile parse(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int magic = bytes.getInt(0);
        if (magic != MICROSECONDS && magic != NANOSECONDS) {
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            magic = bytes.getInt(0);
        }
        if (magic != MICROSECONDS && magic != NANOSECONDS) {
            throw new IllegalArgumentException(
                    "not a pcap file: magic " + Integer.toHexString(magic));
        }
        int linkType = bytes.getInt(LINK_TYPE) & 0xffff;
        List<byte[]> records = new ArrayList<>();
        int at = FILE_HEADER_LENGTH;
        while (at < file.length) {
            int captured = bytes.getInt(at + CAPTURED_LENGTH);
            if (captured != bytes.getInt(at + ORIGINAL_LENGTH)) {
                throw new IllegalArgumentException(
                        "packet cut short by its capture, at byte " + at);
            }
            byte[] record = new byte[captured];
            bytes.get(at + RECORD_HEADER_LENGTH, record);
            records.add(record);
            at += RECORD_HEADER_LENGTH + captured;
        }
        return new PcapFile(linkType, List.copyOf(records));
    }
}
