package io.culvert.observe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Reads the packets of a capture in the classic pcap format or in pcapng, as a stream: also from a
 * pipe into which somebody still writes.
 *
 * <p>Whatever the bytes are, it uses no more memory than the largest packet that it believes in,
 * {@link CaptureInterface#MOST_SNAP_LENGTH_BYTES}, and what comments it has. A file that is cut
 * short or damaged in the middle is read up to there; {@link #damage} then says what was wrong.
 * Confined to one thread.
 */
public sealed interface CaptureReader permits PcapReader, PcapngReader {
    /**
     * Reads the beginning and tells the format by it.
     *
     * @param in not closed
     * @throws CaptureFormatException when it is neither format
     */
    static CaptureReader open(InputStream in) throws IOException {
        byte[] magic = in.readNBytes(Integer.BYTES);
        if (magic.length < Integer.BYTES) {
            throw new CaptureFormatException(
                    magic.length == 0
                            ? "it is empty"
                            : "it is not a capture: it ends after " + magic.length + " bytes");
        }
        int number = ByteBuffer.wrap(magic).getInt();
        if (number == PcapngReader.SECTION_HEADER) {
            return new PcapngReader(in);
        }
        PcapReader.Flavor flavor = PcapReader.Flavor.of(number);
        if (flavor == null) {
            throw new CaptureFormatException(
                    "it is not a capture (pcap or pcapng): it begins with "
                            + HexFormat.ofDelimiter(" ").formatHex(magic));
        }
        return new PcapReader(in, flavor);
    }

    /**
     * The next packet, whose buffer is its own; null at the end, and where the capture is damaged.
     */
    CapturedPacket next() throws IOException;

    /** The interfaces described so far; a packet's {@code interfaceId} is its place in them. */
    List<CaptureInterface> interfaces();

    /** Why nothing is read any more although there may be more; empty when all is well. */
    Optional<String> damage();

    /** What the packet begins with: its interface's LINKTYPE number. */
    default int linkType(CapturedPacket packet) {
        return interfaces().get(packet.interfaceId()).linkType();
    }
}
