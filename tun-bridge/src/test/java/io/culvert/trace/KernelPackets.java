package io.culvert.trace;

import io.culvert.observe.CaptureReader;
import io.culvert.observe.CapturedPacket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a Linux kernel sent through its tunnels: the core's vectors. */
final class KernelPackets {
    private static final Path VECTORS =
            Path.of("..", "core", "src", "test", "resources", "vectors");
    private static final int ETHERNET_HEADER_LENGTH = 14;
    private static final int TOTAL_LENGTH = 2;

    private KernelPackets() {}

    /** The packets of a capture from their outer IPv4 header on, without padding. */
    static List<byte[]> of(String name) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        try (InputStream file = Files.newInputStream(VECTORS.resolve(name + ".pcap"))) {
            CaptureReader reader = CaptureReader.open(file);
            for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
                ByteBuffer bytes = packet.bytes();
                int at = bytes.position() + ETHERNET_HEADER_LENGTH;
                byte[] outer = new byte[bytes.getShort(at + TOTAL_LENGTH) & 0xffff];
                bytes.get(at, outer);
                packets.add(outer);
            }
        }
        return packets;
    }
}
