package io.culvert.testing;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Bytes as text, the way RFCs and tcpdump print them. */
public final class Hex {
    private Hex() {}

    /** Reads hex digits; blanks and line ends may stand anywhere between bytes. */
    public static byte[] bytes(String... lines) {
        return HexFormat.of().parseHex(String.join("", lines).replaceAll("\\s", ""));
    }

    /** The bytes at {@code at}, as digits without blanks. */
    public static String text(ByteBuffer memory, int at, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        memory.get(at, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
