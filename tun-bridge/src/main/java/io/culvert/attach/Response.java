package io.culvert.attach;

import io.culvert.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The answer to one request: an object, a stream of objects, or a stream of records of bytes.
 *
 * <p>For the thread that handles the request. Every write may throw, and then the client is gone,
 * or has not read for {@link #PATIENCE}; there is nothing to do but to end.
 */
public final class Response {
    /** Who does not read for so long, while more waits than the kernel holds, is cut off. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    private enum State {
        NOTHING,
        ANSWERED,
        LINES,
        RECORDS,
        ENDED
    }

    private final ControlChannel channel;
    private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    private State state = State.NOTHING;

    Response(ControlChannel channel) {
        this.channel = channel;
    }

    /** The whole answer. */
    public void answer(Map<String, ?> answer) throws IOException {
        move(State.NOTHING, State.ANSWERED);
        write(message(Protocol.ANSWER, answer));
    }

    /**
     * Begins a stream of objects.
     *
     * @param header what the client is to know before the first one
     */
    public void beginLines(Map<String, ?> header) throws IOException {
        move(State.NOTHING, State.LINES);
        begin(Protocol.LINES, header);
    }

    /**
     * Begins a stream of records of bytes.
     *
     * @param header what the client is to know before the first one
     */
    public void beginRecords(Map<String, ?> header) throws IOException {
        move(State.NOTHING, State.RECORDS);
        begin(Protocol.RECORDS, header);
    }

    /** One object of a stream; it has no member called {@code end}. */
    public void line(Map<String, ?> object) throws IOException {
        move(State.LINES, State.LINES);
        write(object);
    }

    /** One record of a stream, of 1 byte to 256 KiB; all that the buffer has remaining. */
    public void record(ByteBuffer bytes) throws IOException {
        move(State.RECORDS, State.RECORDS);
        if (!bytes.hasRemaining() || bytes.remaining() > Protocol.MOST_RECORD_BYTES) {
            throw new IllegalArgumentException("a record of " + bytes.remaining() + " bytes");
        }
        writeLength(bytes.remaining());
        channel.write(bytes, PATIENCE);
    }

    /**
     * Waits so long, at most; false, sooner, when the client wants no more of the stream: it has
     * closed, or finished, or written something. Who has finished still reads what is left to say.
     */
    public boolean isFollowed(Duration pause) throws IOException {
        return channel.isQuiet(pause);
    }

    /** Ends a stream; a stream that is not ended when its handler returns is ended with "". */
    public void end(String why) throws IOException {
        if (state == State.RECORDS) {
            writeLength(0);
        } else {
            move(State.LINES, State.LINES);
        }
        state = State.ENDED;
        write(Map.of(Protocol.END, why));
    }

    /** Whether nothing was answered yet. */
    boolean isOpen() {
        return state == State.NOTHING;
    }

    /** Ends what the handler has left open; whether the connection can take another request. */
    boolean finish() throws IOException {
        if (state == State.NOTHING) {
            throw new IllegalStateException("the handler has answered nothing");
        }
        if (state == State.LINES || state == State.RECORDS) {
            end("");
        }
        return state == State.ANSWERED;
    }

    void refuse(String sentence) throws IOException {
        move(State.NOTHING, State.ANSWERED);
        write(message(Protocol.ERROR, sentence));
    }

    private void begin(String kind, Map<String, ?> header) throws IOException {
        Map<String, Object> message = message(Protocol.STREAM, kind);
        message.put(Protocol.HEADER, header);
        write(message);
    }

    private static Map<String, Object> message(String field, Object value) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put(Protocol.VERSION_FIELD, Protocol.VERSION);
        message.put(field, value);
        return message;
    }

    private void write(Map<String, ?> message) throws IOException {
        byte[] line = (Json.line(message) + "\n").getBytes(StandardCharsets.UTF_8);
        channel.write(ByteBuffer.wrap(line), PATIENCE);
    }

    private void writeLength(int bytes) throws IOException {
        channel.write(length.clear().putInt(bytes).flip(), PATIENCE);
    }

    private void move(State from, State to) {
        if (state != from) {
            throw new IllegalStateException("the response is " + state + ", not " + from);
        }
        state = to;
    }
}
