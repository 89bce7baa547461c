package io.culvert.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packets of {@code vectors/}: what a real Linux kernel sent for each kind of tunnel. */
public final class Vectors {
    private static final int ETHERNET_HEADER_LENGTH = 14;
    private static final Pattern ROW =
            Pattern.compile("\\| ([\\w-]+)\\.pcap \\| (\\d+) \\| `([^`]+)`(.*?) *\\|");
    private static final Map<String, Vector> ALL = readTable();

    private Vectors() {}

    /**
     * One row of {@code vectors/README.md}.
     *
     * @param packetCount how many packets the capture holds
     * @param command what created the tunnel
     * @param remark what else was set, such as {@code mtu 1500}; may be empty
     */
    public record Vector(String name, int packetCount, String command, String remark) {}

    /** The captures' names, such as {@code gre-key-in4}, in alphabetical order. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** Those of IP in IPv4, with or without GRE. */
    public static List<String> ofIpInIpv4() {
        return names().stream().filter(name -> name.matches("(gre|ipip|sit)-.*")).toList();
    }

    /** How the capture of that name was made. */
    public static Vector named(String name) {
        Vector vector = ALL.get(name);
        if (vector == null) {
            throw new IllegalArgumentException("no vector " + name + " among " + ALL.keySet());
        }
        return vector;
    }

    /** The capture's packets from their outer IP header on, without Ethernet padding. */
    public static List<byte[]> packets(String name) {
        PcapFile capture = PcapFile.parse(read(named(name).name() + ".pcap"));
        return capture.records().stream().map(record -> ip(capture.linkType(), record)).toList();
    }

    private static byte[] ip(int linkType, byte[] record) {
        int start =
                switch (linkType) {
                    case PcapFile.ETHERNET -> ETHERNET_HEADER_LENGTH;
                    case PcapFile.RAW_IP -> 0;
                    default -> throw new IllegalArgumentException("link type " + linkType);
                };
        boolean isIpv6 = record[start] >> 4 == 6;
        int lengthAt = start + (isIpv6 ? 4 : 2);
        int length = (record[lengthAt] & 0xff) << 8 | record[lengthAt + 1] & 0xff;
        int totalLength = isIpv6 ? 40 + length : length;
        return Arrays.copyOfRange(record, start, start + totalLength);
    }

    private static Map<String, Vector> readTable() {
        Map<String, Vector> vectors = new LinkedHashMap<>();
        Matcher row = ROW.matcher(new String(read("README.md"), StandardCharsets.UTF_8));
        while (row.find()) {
            vectors.put(
                    row.group(1),
                    new Vector(
                            row.group(1),
                            Integer.parseInt(row.group(2)),
                            row.group(3),
                            row.group(4).strip()));
        }
        return vectors;
    }

    private static byte[] read(String file) {
        try (InputStream resource = Vectors.class.getResourceAsStream("/vectors/" + file)) {
            if (resource == null) {
                throw new IllegalArgumentException("no resource vectors/" + file);
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read vectors/" + file, e);
        }
    }
}
