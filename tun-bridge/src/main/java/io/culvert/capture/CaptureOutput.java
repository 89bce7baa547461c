package io.culvert.capture;

import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CaptureWriter;
import io.culvert.observe.CapturedPacket;
import io.culvert.observe.PcapWriter;
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
import java.util.Locale;
import java.util.Optional;

/**
 * A capture file that is written, the standard output, or nothing at all. A name that ends with
 * {@code .pcap} gives pcap; everything else is pcapng.
 */
public final class CaptureOutput implements Closeable {
    private static final String APPLICATION = "culvert";

    /** EPIPE, as the JDK's exceptions say it. */
    private static final String BROKEN_PIPE = "Broken pipe";

    private final String name;
    private final CaptureWriter writer;
    private final boolean isPipe;
    private final boolean isReplacing;
    private long lostComments;

    /** That the file could not be written; the message is the whole sentence for the user. */
    public static final class WriteFailure extends IOException {
        private static final long serialVersionUID = 1L;

        private WriteFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private CaptureOutput(String name, CaptureWriter writer, boolean isPipe, boolean isReplacing) {
        this.name = name;
        this.writer = writer;
        this.isPipe = isPipe;
        this.isReplacing = isReplacing;
    }

    /**
     * Begins a file, anew if it is there; {@code -} is the standard output, null writes nothing.
     *
     * @throws WriteFailure when it cannot be begun
     */
    public static CaptureOutput open(String file) throws WriteFailure {
        if (file == null) {
            return new CaptureOutput("", null, false, false);
        }
        boolean isPipe = file.equals(CaptureFile.STANDARD_INPUT);
        String name = isPipe ? "the standard output" : file;
        try {
            boolean isReplacing =
                    !isPipe && Files.isRegularFile(Path.of(file)) && Files.size(Path.of(file)) > 0;
            OutputStream out =
                    new BufferedOutputStream(
                            isPipe
                                    ? new FileOutputStream(java.io.FileDescriptor.out)
                                    : Files.newOutputStream(Path.of(file)));
            CaptureWriter writer =
                    isPcap(file) ? new PcapWriter(out) : new PcapngWriter(out, APPLICATION);
            return new CaptureOutput(name, writer, isPipe, isReplacing);
        } catch (IOException | InvalidPathException e) {
            throw cannotWrite(name, e);
        }
    }

    private static boolean isPcap(String file) {
        return file.toLowerCase(Locale.ROOT).endsWith(".pcap");
    }

    /** A sentence that the file was there before; empty when it was not, or had no byte. */
    public Optional<String> replacement() {
        return isReplacing ? Optional.of(name + " was there and is overwritten") : Optional.empty();
    }

    /** A sentence about what the format could not keep; empty when all was kept. */
    public Optional<String> loss() {
        return lostComments == 0
                ? Optional.empty()
                : Optional.of(
                        name
                                + ": the comments of "
                                + lostComments
                                + (lostComments == 1 ? " packet" : " packets")
                                + " are left out, since pcap has no comments; a name that ends"
                                + " with .pcapng keeps them");
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
            lostComments += writer instanceof PcapWriter && !packet.comments().isEmpty() ? 1 : 0;
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
        if (BROKEN_PIPE.equals(reason)) {
            reason = "the program that reads it has ended (broken pipe)";
        }
        return new WriteFailure("cannot write " + name + ": " + reason, e);
    }
}
