package io.culvert.cli;

import io.culvert.capture.CaptureFile;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.Layer;
import io.culvert.dissect.LinkType;
import io.culvert.dissect.Problem;
import io.culvert.dissect.Protocol;
import io.culvert.observe.CaptureFormatException;
import io.culvert.observe.CapturedPacket;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The packets to explain, one after the other: of a capture file, of a text file of hexadecimal
 * digits, of the standard input with either, or of the command line.
 */
final class ExplainInput implements Closeable {
    private static final int MOST_TEXT_BYTES = 1 << 24;

    /** What a pcapng file begins with, so chosen that it looks like line ends. */
    private static final byte[] PCAPNG = {0x0a, 0x0d, 0x0d, 0x0a};

    /**
     * One of them.
     *
     * @param bytes what was kept of it, from index 0 on
     * @param link what it begins with, as the file or the user says; empty to be guessed
     */
    record Packet(ByteBuffer bytes, int capturedBytes, int wireBytes, Optional<LinkType> link) {
        /** Takes it apart; what nobody says is guessed from which way makes sense. */
        Dissection dissect(Dissector dissector) {
            if (link.isPresent()) {
                return dissect(dissector, link.get());
            }
            Dissection asIp = dissect(dissector, LinkType.RAW_IP);
            if (makesSense(asIp, 0)) {
                return asIp;
            }
            Dissection asEthernet = dissect(dissector, LinkType.ETHERNET);
            return makesSense(asEthernet, 1) ? asEthernet : asIp;
        }

        private Dissection dissect(Dissector dissector, LinkType type) {
            return dissector.dissect(type, bytes, 0, capturedBytes, wireBytes);
        }

        private static boolean makesSense(Dissection packet, int index) {
            if (packet.layers().size() <= index) {
                return false;
            }
            Layer layer = packet.layers().get(index);
            boolean isBroken =
                    layer.problems().stream().anyMatch(p -> p.severity() == Problem.Severity.ERROR);
            return layer.protocol() != Protocol.DATA && (index > 0 || !isBroken);
        }
    }

    private final CaptureFile capture;
    private final Iterator<byte[]> typed;
    private final Optional<LinkType> link;

    private ExplainInput(CaptureFile capture, List<byte[]> typed, Optional<LinkType> link) {
        this.capture = capture;
        this.typed = typed.iterator();
        this.link = link;
    }

    /**
     * Opens what the words of the command line name.
     *
     * @param link what packets begin with when it is the user who says so
     * @throws IOException whose message is the whole sentence for the user
     * @throws IllegalArgumentException when the words are neither a file nor hexadecimal digits
     */
    static ExplainInput open(List<String> words, Optional<LinkType> link) throws IOException {
        String first = words.get(0);
        if (words.size() == 1 && first.equals(CaptureFile.STANDARD_INPUT)) {
            return read("the standard input", System.in, link);
        }
        if (words.size() == 1 && isFile(first)) {
            return read(first, open(first), link);
        }
        boolean looksLikePath = words.size() == 1 && first.matches(".*(/|\\.pcap|\\.txt).*");
        if (looksLikePath) {
            throw new IOException("cannot read " + first + ": no such file");
        }
        return new ExplainInput(null, HexText.packets(String.join(" ", words)), link);
    }

    private static ExplainInput read(String name, InputStream in, Optional<LinkType> link)
            throws IOException {
        BufferedInputStream bytes = new BufferedInputStream(in);
        bytes.mark(Integer.BYTES);
        boolean isText = isText(bytes.readNBytes(Integer.BYTES));
        bytes.reset();
        if (!isText) {
            return new ExplainInput(CaptureFile.read(name, bytes), List.of(), link);
        }
        try (bytes) {
            byte[] text = bytes.readNBytes(MOST_TEXT_BYTES + 1);
            if (text.length > MOST_TEXT_BYTES) {
                throw new IOException("cannot read " + name + ": more than 16 MiB of text");
            }
            String digits = new String(text, StandardCharsets.ISO_8859_1);
            return new ExplainInput(null, HexText.packets(digits), link);
        } catch (IllegalArgumentException e) {
            throw new IOException("cannot read " + name + ": " + e.getMessage(), e);
        }
    }

    /** The next packet; null at the end. */
    Packet next() throws IOException {
        if (capture == null) {
            return typed.hasNext() ? typed(typed.next()) : null;
        }
        CapturedPacket packet = capture.next();
        if (packet == null) {
            return null;
        }
        int number = capture.linkType(packet);
        Optional<LinkType> type = link.or(() -> LinkType.of(number));
        if (type.isEmpty()) {
            throw new CaptureFormatException(
                    "cannot read "
                            + capture.name()
                            + ": its packets begin with link type "
                            + number
                            + ", which is not known here; --link says what to take it for");
        }
        ByteBuffer bytes = packet.bytes().slice();
        return new Packet(bytes, bytes.remaining(), packet.originalBytes(), type);
    }

    /** A sentence about a file that ended early. */
    Optional<String> damage() {
        return capture == null ? Optional.empty() : capture.damage();
    }

    @Override
    public void close() throws IOException {
        if (capture != null) {
            capture.close();
        }
    }

    private Packet typed(byte[] packet) {
        return new Packet(ByteBuffer.wrap(packet), packet.length, packet.length, link);
    }

    private static boolean isText(byte[] beginning) {
        if (Arrays.equals(beginning, PCAPNG)) {
            return false;
        }
        for (byte b : beginning) {
            if ((b < ' ' || b > '~') && "\t\r\n".indexOf(b) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isFile(String name) {
        try {
            return Files.exists(Path.of(name)) && !Files.isDirectory(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static InputStream open(String name) throws IOException {
        try {
            return Files.newInputStream(Path.of(name));
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + name + ": no such file", e);
        } catch (AccessDeniedException e) {
            throw new IOException("cannot read " + name + ": permission denied", e);
        }
    }
}
