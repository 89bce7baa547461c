package io.culvert.attach;

import io.culvert.json.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A connection to a running culvert: one request after the other. For one thread. */
public final class Attachment implements AutoCloseable {
    /** A process that is stopped, or has no processor, answers late. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path socket;
    private final ControlChannel channel;

    private Attachment(Path socket, ControlChannel channel) {
        this.socket = socket;
        this.channel = channel;
    }

    /**
     * Connects to a control socket.
     *
     * @throws AttachException when nobody listens there, or it is not for us
     */
    public static Attachment to(Path socket) throws AttachException {
        try {
            SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                connection.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException | RuntimeException e) {
                connection.close();
                throw e;
            }
            return new Attachment(socket, new ControlChannel(connection));
        } catch (ConnectException e) {
            throw new AttachException(
                    AttachException.Kind.NOT_RUNNING, socket + ": its process has ended", e);
        } catch (SocketException e) {
            boolean isDenied = String.valueOf(e.getMessage()).contains("Permission denied");
            throw new AttachException(
                    isDenied
                            ? AttachException.Kind.NO_PERMISSION
                            : AttachException.Kind.NOT_RUNNING,
                    "cannot connect to " + socket + ": " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new AttachException(
                    AttachException.Kind.FAILED,
                    "cannot connect to " + socket + ": " + e.getMessage(),
                    e);
        }
    }

    /**
     * Asks for an object.
     *
     * @param fields what the request says beside its verb
     * @throws AttachException with the process's own sentence when it refuses
     */
    public Map<String, Object> ask(String verb, Map<String, ?> fields) throws AttachException {
        return object(send(verb, fields), Protocol.ANSWER);
    }

    /**
     * Asks for a stream; nothing else can be asked afterwards.
     *
     * @param fields what the request says beside its verb
     * @throws AttachException with the process's own sentence when it refuses
     */
    public AnswerStream follow(String verb, Map<String, ?> fields) throws AttachException {
        Map<String, Object> message = send(verb, fields);
        boolean isRecords = Protocol.RECORDS.equals(message.get(Protocol.STREAM));
        if (!isRecords && !Protocol.LINES.equals(message.get(Protocol.STREAM))) {
            throw broken("it did not answer with a stream");
        }
        return new AnswerStream(this, object(message, Protocol.HEADER), isRecords);
    }

    @Override
    public void close() {
        channel.close();
    }

    private Map<String, Object> send(String verb, Map<String, ?> fields) throws AttachException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put(Protocol.VERSION_FIELD, Protocol.VERSION);
        request.put(Protocol.VERB, verb);
        request.putAll(fields);
        byte[] line = (Json.line(request) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            channel.write(ByteBuffer.wrap(line), PATIENCE);
        } catch (IOException e) {
            throw broken(e.getMessage());
        }
        Map<String, Object> message = readObject(PATIENCE);
        if (message.get(Protocol.ERROR) instanceof String sentence) {
            throw new AttachException(AttachException.Kind.FAILED, sentence);
        }
        return message;
    }

    /** The next line of a stream. */
    Map<String, Object> readObject(Duration patience) throws AttachException {
        String line;
        try {
            line = channel.readLine(Protocol.MOST_ANSWER_BYTES, patience);
        } catch (IOException e) {
            throw broken(e.getMessage());
        }
        if (line == null) {
            throw broken("it has ended, or cut us off because we read too slowly");
        }
        try {
            if (Json.read(line) instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // what the reader makes of an object
                Map<String, Object> object = (Map<String, Object>) map;
                return object;
            }
        } catch (IllegalArgumentException e) {
            throw broken(e.getMessage());
        }
        throw broken("its answer is not an object");
    }

    /** The bytes of a record's frame. */
    void readFully(ByteBuffer target, Duration patience) throws AttachException {
        try {
            channel.readFully(target, patience);
        } catch (ProtocolException e) {
            throw broken(e.getMessage());
        } catch (IOException e) {
            throw broken("it has ended, or cut us off because we read too slowly");
        }
    }

    /** Whether nothing is there to be read for so long. */
    boolean isQuiet(Duration pause) throws AttachException {
        try {
            return channel.isQuiet(pause);
        } catch (IOException e) {
            throw broken(e.getMessage());
        }
    }

    /** Says that nothing more will be asked; any thread. */
    void endOutput() {
        channel.endOutput();
    }

    AttachException broken(String why) {
        return new AttachException(AttachException.Kind.FAILED, socket + ": " + why);
    }

    private Map<String, Object> object(Map<String, Object> message, String field)
            throws AttachException {
        if (message.get(field) instanceof Map<?, ?> map) {
            @SuppressWarnings("unchecked") // what the reader makes of an object
            Map<String, Object> object = (Map<String, Object>) map;
            return object;
        }
        throw broken("its answer has no \"" + field + "\"");
    }
}
