package io.culvert.attach;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One end of a control connection: lines and bytes, with a bound on the size of a line and on every
 * wait.
 *
 * <p>For one thread; only {@link #endOutput} and {@link #close} may be called by another, which the
 * first one notices.
 */
final class ControlChannel implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;

    /** Between position and limit: what was received and not yet taken. */
    private final ByteBuffer received = ByteBuffer.allocate(BUFFER_BYTES).flip();

    /** Takes over the channel, also when this fails. */
    ControlChannel(SocketChannel channel) throws IOException {
        this.channel = channel;
        try {
            channel.configureBlocking(false);
            selector = Selector.open();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        key = channel.register(selector, SelectionKey.OP_READ);
    }

    /**
     * The next line without its line feed, or null when the other end has closed.
     *
     * @throws SocketTimeoutException when it is not there in time
     * @throws ProtocolException when it is longer than {@code mostBytes} or not UTF-8
     * @throws EOFException when the other end closes in the middle of a line
     */
    String readLine(int mostBytes, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (received.hasRemaining()) {
                byte next = received.get();
                if (next == '\n') {
                    return text(line);
                }
                if (line.size() == mostBytes) {
                    throw new ProtocolException("a line of more than " + mostBytes + " bytes");
                }
                line.write(next);
            }
            if (!receive(deadline)) {
                if (line.size() == 0) {
                    return null;
                }
                throw new EOFException("the other end closed in the middle of a line");
            }
        }
    }

    /**
     * Fills the buffer.
     *
     * @throws SocketTimeoutException when it is not full in time
     * @throws EOFException when the other end closes before it is full
     */
    void readFully(ByteBuffer target, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (target.hasRemaining()) {
            while (target.hasRemaining() && received.hasRemaining()) {
                target.put(received.get());
            }
            if (target.hasRemaining() && !receive(deadline)) {
                throw new EOFException("the other end closed");
            }
        }
    }

    /**
     * Writes all of the buffer.
     *
     * @throws SocketTimeoutException when the other end does not read for so long
     */
    void write(ByteBuffer bytes, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) > 0) {
                deadline = System.nanoTime() + patience.toNanos();
            } else if (!await(SelectionKey.OP_WRITE, deadline)) {
                throw new SocketTimeoutException("the other end does not read");
            }
        }
    }

    /** Waits until the other end writes or closes; true when it did neither. */
    boolean isQuiet(Duration pause) throws IOException {
        return !received.hasRemaining()
                && !await(SelectionKey.OP_READ, System.nanoTime() + pause.toNanos());
    }

    /** Tells the other end that nothing more will be written to it; it may go on writing. */
    void endOutput() {
        try {
            channel.shutdownOutput();
        } catch (IOException e) { // then it is closed, which who reads learns anyway
            System.getLogger("culvert")
                    .log(System.Logger.Level.DEBUG, "cannot end a control connection", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
            selector.close(); // wakes who waits
        } catch (IOException e) {
            System.getLogger("culvert")
                    .log(System.Logger.Level.DEBUG, "cannot close a control connection", e);
        }
    }

    /** Receives more into the empty buffer; false when the other end has closed. */
    private boolean receive(long deadline) throws IOException {
        received.clear();
        try {
            int bytes;
            while ((bytes = channel.read(received)) == 0) {
                if (!await(SelectionKey.OP_READ, deadline)) {
                    throw new SocketTimeoutException("the other end is silent");
                }
            }
            return bytes > 0;
        } finally {
            received.flip();
        }
    }

    private boolean await(int operation, long deadline) throws IOException {
        try {
            return awaitOpen(operation, deadline);
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw new AsynchronousCloseException();
        }
    }

    /** Waits until the channel is ready; false at the deadline. */
    private boolean awaitOpen(int operation, long deadline) throws IOException {
        key.interestOps(operation);
        while (true) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            int ready = millis > 0 ? selector.select(millis) : selector.selectNow();
            selector.selectedKeys().clear();
            if (ready > 0) {
                return true;
            }
            if (millis <= 0) {
                return false;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new AsynchronousCloseException();
            }
        }
    }

    private static String text(ByteArrayOutputStream line) throws ProtocolException {
        try {
            CharBuffer text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line.toByteArray()));
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new ProtocolException("a line that is not UTF-8");
        }
    }
}
