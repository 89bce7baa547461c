package io.culvert.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All captures of the test resources: {@code vectors/} and {@code captures/}. */
public final class Captures {
    private static final Pattern ROW = Pattern.compile("\\| ([\\w-]+)\\.pcap \\|");

    private Captures() {}

    /** The captures' paths, such as {@code vectors/gre-in4.pcap}. */
    public static List<String> paths() {
        List<String> paths = new ArrayList<>();
        for (String directory : List.of("vectors", "captures")) {
            Matcher row =
                    ROW.matcher(
                            new String(
                                    bytes(directory + "/README.md"),
                                    java.nio.charset.StandardCharsets.UTF_8));
            while (row.find()) {
                paths.add(directory + "/" + row.group(1) + ".pcap");
            }
        }
        paths.add("captures/odd.pcap");
        return paths;
    }

    /** The packets of one, each from its link-layer header on. */
    public static PcapFile read(String path) {
        return PcapFile.parse(bytes(path));
    }

    /** The file itself. */
    public static byte[] bytes(String path) {
        try (InputStream resource = Captures.class.getResourceAsStream("/" + path)) {
            if (resource == null) {
                throw new IllegalArgumentException("no resource " + path);
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}
