package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * A {@linkplain GreHeader GRE header} that is laid down many times, with a sequence number and a
 * checksum of its own each time.
 *
 * <p>As {@link Ipv4Template}, it is written in whole words and never read back. Immutable.
 */
public final class GreTemplate {
    private final GreFields fields;
    private final int firstWord;
    private final int constantSum;

    public GreTemplate(GreFields fields) {
        this.fields = fields;
        ByteBuffer header = ByteBuffer.allocate(fields.lengthBytes());
        fields.write(header, 0);
        this.firstWord = header.getInt(0);
        this.constantSum = InternetChecksum.sum(header, 0, fields.lengthBytes());
    }

    /**
     * Lays down the header, as long as its fields say.
     *
     * @param sequenceNumber of no meaning where the header has none
     * @param payloadSum the folded sum of all that follows; of no meaning without a checksum
     */
    public void write(ByteBuffer memory, int at, int sequenceNumber, int payloadSum) {
        memory.putInt(at, firstWord);
        int position = at + GreHeader.MIN_LENGTH;
        if (fields.hasChecksum()) {
            int sum = constantSum + payloadSum;
            if (fields.hasSequence()) {
                sum += (sequenceNumber >>> 16) + (sequenceNumber & 0xffff);
            }
            // behind it Reserved1, which is sent as 0
            memory.putInt(position, InternetChecksum.complement(InternetChecksum.fold(sum)) << 16);
            position += Integer.BYTES;
        }
        if (fields.hasKey()) {
            memory.putInt(position, fields.key());
            position += Integer.BYTES;
        }
        if (fields.hasSequence()) {
            memory.putInt(position, sequenceNumber);
        }
    }
}
