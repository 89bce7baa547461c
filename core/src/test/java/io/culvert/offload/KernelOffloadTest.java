package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.testing.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our segments and super-packets against those that Linux 6.18 made of the same packets. */
class KernelOffloadTest {
    /** What the kernel was given, and what came out of it. */
    record Exchange(String title, List<String> in, List<String> out) {
        @Override
        public String toString() {
            return title;
        }
    }

    /**
     * Super-packets were written to a TUN device with a virtio-net header and forwarded to another
     * that takes none.
     */
    static Stream<Exchange> segmented() {
        return read("kernel-gso.txt");
    }

    /**
     * Random packets of one flow, in which one in four has something about it, were written to a
     * TUN device whose driver runs GRO over them ({@code IFF_NAPI}, with {@code
     * gro_flush_timeout}), and forwarded to a device that takes super-packets.
     */
    static Stream<Exchange> joined() {
        return read("kernel-gro.txt");
    }

    @ParameterizedTest
    @MethodSource("segmented")
    void segmentsAreThoseOfTheKernel(Exchange exchange) {
        int segmentBytes = Integer.parseInt(exchange.title.split(" ")[1]);
        byte[] superPacket = Hex.bytes(exchange.in.get(0));
        List<byte[]> segments =
                Offloads.split(Offloads.superPacket(superPacket, segmentBytes), 1500);
        assertThat(segments).map(KernelOffloadTest::hex).isEqualTo(exchange.out);
    }

    /** In any order: the kernel lets a packet with a wrong checksum overtake those it holds. */
    @ParameterizedTest
    @MethodSource("joined")
    void superPacketsAreThoseOfTheKernel(Exchange exchange) {
        List<byte[]> packets = exchange.in.stream().map(line -> Hex.bytes(line)).toList();
        List<String> delivered =
                Offloads.merge(packets).stream().map(KernelOffloadTest::line).toList();
        assertThat(delivered).containsExactlyInAnyOrderElementsOf(exchange.out);
    }

    private static String line(Delivered packet) {
        return packet.segmentBytes() == 0
                ? "0 " + hex(packet.bytes())
                : packet.segmentBytes() + " partial " + hex(packet.bytes());
    }

    private static String hex(byte[] bytes) {
        return Hex.text(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    private static Stream<Exchange> read(String file) {
        List<Exchange> exchanges = new ArrayList<>();
        try (InputStream resource = KernelOffloadTest.class.getResourceAsStream(file)) {
            String text = new String(resource.readAllBytes(), StandardCharsets.US_ASCII);
            for (String line : text.split("\n")) {
                if (line.startsWith("in ")) {
                    exchanges.get(exchanges.size() - 1).in.add(line.substring(3));
                } else if (line.startsWith("out ")) {
                    exchanges.get(exchanges.size() - 1).out.add(line.substring(4));
                } else {
                    exchanges.add(new Exchange(line, new ArrayList<>(), new ArrayList<>()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return exchanges.stream();
    }
}
