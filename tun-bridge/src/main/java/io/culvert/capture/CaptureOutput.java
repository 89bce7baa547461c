package io.culvert.capture;

import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.observe.PcapngWriter;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A pcapng file that is written, the standard output, or nothing at all. */
public final class CaptureOutput implements Closeable {
    private static final String APPLICATION = "culvert";

    private final String name;
    private final PcapngWriter writer;
    private final boolean isPipe;

    /** That the file could not be written; the message is the whole sentence for the user. */
    public static final class WriteFailure extends IOException {
        private static final long serialVersionUID = 1L;

        private WriteFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private CaptureOutput(String name, PcapngWriter writer, boolean isPipe) {
        this.name = name;
        this.writer = writer;
        this.isPipe = isPipe;
    }

    /**
     * Begins a file, anew if it is there; {@code -} is the standard output, null writes nothing.
     *
     * @throws WriteFailure when it cannot be begun
     */
    public static CaptureOutput open(String file) throws WriteFailure {
        if (file == null) {
            return new CaptureOutput("", null, false);
        }
        boolean isPipe = file.equals(CaptureFile.STANDARD_INPUT);
        String name = isPipe ? "the standard output" : file;
        try {
            OutputStream out =
                    isPipe
                            ? new FileOutputStream(java.io.FileDescriptor.out)
                            : Files.newOutputStream(Path.of(file));
            PcapngWriter writer = new PcapngWriter(new BufferedOutputStream(out), APPLICATION);
            return new CaptureOutput(name, writer, isPipe);
        } catch (IOException | InvalidPathException e) {
            throw cannotWrite(name, e);
        }
    }

    /** Describes the next interface. */
    public int addInterface(CaptureInterface description) throws WriteFailure {
        if (writer == null) {
            return 0;
        }
        try {
            return writer.addInterface(description);
        } catch (IOException e) {
            throw cannotWrite(name, e);
        }
    }

    /** Writes a packet; into a pipe at once, since somebody may be looking at its other end. */
    public void write(CapturedPacket packet) throws WriteFailure {
        if (writer == null) {
            return;
        }
        try {
            writer.write(packet);
            if (isPipe) {
                writer.flush();
            }
        } catch (IOException e) {
            throw cannotWrite(name, e);
        }
    }

    /** Says at the end what the kernel counted on the first interface. */
    public void writeStatistics(Optional<LiveCapture.Statistics> counts) throws WriteFailure {
        if (writer == null || counts.isEmpty()) {
            return;
        }
        try {
            writer.writeStatistics(
                    0,
                    System.currentTimeMillis() * 1_000_000,
                    counts.get().received(),
                    counts.get().dropped());
        } catch (IOException e) {
            throw cannotWrite(name, e);
        }
    }

    @Override
    public void close() throws WriteFailure {
        if (writer == null) {
            return;
        }
        try {
            writer.close();
        } catch (IOException e) {
            throw cannotWrite(name, e);
        }
    }

    private static WriteFailure cannotWrite(String name, Exception e) {
        String reason =
                e instanceof NoSuchFileException
                        ? "no such directory"
                        : e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
        return new WriteFailure("cannot write " + name + ": " + reason, e);
    }
}
