package io.culvert.attach;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;

/**
 * A stream that a running culvert answers with, until either side ends it. For one thread; only
 * {@link #finish} and {@link #close} may be called by another.
 */
public final class AnswerStream implements AutoCloseable {
    /** What has begun to arrive is there soon. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Attachment attachment;
    private final Map<String, Object> header;
    private final boolean isRecords;
    private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    private String end;

    AnswerStream(Attachment attachment, Map<String, Object> header, boolean isRecords) {
        this.attachment = attachment;
        this.header = header;
        this.isRecords = isRecords;
    }

    /** What the process says of the stream before its first element. */
    public Map<String, Object> header() {
        return header;
    }

    /** Whether its elements are records of bytes; otherwise they are objects. */
    public boolean isRecords() {
        return isRecords;
    }

    /** Waits so long for an element or the end; whether there is one. */
    public boolean awaitNext(Duration pause) throws AttachException {
        return !attachment.isQuiet(pause);
    }

    /**
     * Waits for the next object.
     *
     * @return null when the process has ended the stream; {@link #end} says why
     * @throws AttachException when it is cut off, or its process gone
     */
    public Map<String, Object> nextLine() throws AttachException {
        Map<String, Object> object = attachment.readObject(Protocol.FOREVER);
        if (object.get(Protocol.END) instanceof String why) {
            end = why;
            return null;
        }
        return object;
    }

    /**
     * Waits for the next record.
     *
     * @param target is cleared, and holds the record between position and limit; 256 KiB are always
     *     enough
     * @return false when the process has ended the stream; {@link #end} says why
     * @throws AttachException when it is cut off, or its process gone
     */
    public boolean nextRecord(ByteBuffer target) throws AttachException {
        attachment.readFully(length.clear(), Protocol.FOREVER);
        int bytes = length.getInt(0);
        if (bytes == 0) {
            nextLine();
            return false;
        }
        if (bytes < 0 || bytes > target.capacity()) {
            throw attachment.broken("a record of " + Integer.toUnsignedString(bytes) + " bytes");
        }
        attachment.readFully(target.clear().limit(bytes), PATIENCE);
        target.flip();
        return true;
    }

    /** Why the process ended the stream; null as long as it has not. */
    public String end() {
        return end;
    }

    /** Asks the process to end the stream; what it has left to say comes before the end. */
    public void finish() {
        attachment.endOutput();
    }

    /** Ends the stream and the connection, whatever is on the way. */
    @Override
    public void close() {
        attachment.close();
    }
}
