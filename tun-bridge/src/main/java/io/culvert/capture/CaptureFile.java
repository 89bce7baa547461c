package io.culvert.capture;

import io.culvert.observe.CaptureFormatException;
import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CaptureReader;
import io.culvert.observe.CapturedPacket;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A capture file or the standard input, pcap or pcapng, with times in nanoseconds.
 *
 * <p>Read by our own reader rather than by libpcap: libpcap refuses pcapng files whose interfaces
 * differ in link type, drops comments, and need not be installed for this.
 */
public final class CaptureFile implements Closeable {
    /** The name that stands for the standard input. */
    public static final String STANDARD_INPUT = "-";

    private static final int BUFFER_BYTES = 1 << 16;

    private final String name;
    private final InputStream in;
    private final CaptureReader reader;

    private CaptureFile(String name, InputStream in, CaptureReader reader) {
        this.name = name;
        this.in = in;
        this.reader = reader;
    }

    /**
     * Opens a file, or with {@code -} the standard input.
     *
     * @throws IOException whose message is the whole sentence for the user
     */
    public static CaptureFile open(String file) throws IOException {
        boolean isStandardInput = file.equals(STANDARD_INPUT);
        String name = isStandardInput ? "the standard input" : file;
        try {
            InputStream in = isStandardInput ? System.in : Files.newInputStream(Path.of(file));
            return read(name, in);
        } catch (CaptureFormatException e) {
            throw e;
        } catch (IOException | InvalidPathException e) {
            throw new IOException("cannot read " + name + ": " + reason(e), e);
        }
    }

    /**
     * Reads a capture from a stream.
     *
     * @param name how messages call it
     * @param in closed by {@link #close}, and when it is no capture
     */
    public static CaptureFile read(String name, InputStream in) throws IOException {
        InputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
        try {
            return new CaptureFile(name, buffered, CaptureReader.open(buffered));
        } catch (CaptureFormatException e) {
            buffered.close();
            throw new CaptureFormatException("cannot read " + name + ": " + e.getMessage());
        } catch (IOException e) {
            buffered.close();
            throw e;
        }
    }

    /**
     * The next packet; null at the end, and where the file is cut short or damaged.
     *
     * @throws IOException whose message is the whole sentence for the user
     */
    public CapturedPacket next() throws IOException {
        try {
            return reader.next();
        } catch (IOException e) {
            throw new IOException("cannot read " + name + ": " + reason(e), e);
        }
    }

    /** What the packet begins with: its interface's LINKTYPE number. */
    public int linkType(CapturedPacket packet) {
        return reader.linkType(packet);
    }

    /** The interfaces described so far; a packet's {@code interfaceId} is its place in them. */
    public List<CaptureInterface> interfaces() {
        return reader.interfaces();
    }

    /** A sentence about why reading ended early; empty when the whole file was read. */
    public Optional<String> damage() {
        return reader.damage().map(how -> name + ": " + how + "; what stands before that was used");
    }

    /** How messages call it. */
    public String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static String reason(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e.getMessage();
    }
}
