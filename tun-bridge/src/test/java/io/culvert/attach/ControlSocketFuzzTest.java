package io.culvert.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.run.Eventually;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever clients write, and whenever they go, the socket serves the next one and loses nothing.
 */
@Timeout(120)
class ControlSocketFuzzTest {
    private static final int CLIENTS = 300;

    @TempDir Path directory;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2003, 8259})
    void bytesOfNoSenseNeitherEndItNorLeaveAnythingBehind(long seed) throws Exception {
        Random random = new Random(seed);
        Path path = directory.resolve(ProcessHandle.current().pid() + ".sock");
        RuntimeDirectory where = new RuntimeDirectory(List.of(directory));
        Map<String, RequestHandler> verbs =
                Map.of(
                        "echo",
                        (request, response) ->
                                response.answer(
                                        Map.of("text", String.valueOf(request.text("text")))),
                        "pour",
                        ControlSocketFuzzTest::pour);
        try (ControlSocket socket = ControlSocket.start(where, () -> verbs)) {
            Eventually.isTrue("the socket is there", () -> Files.exists(path));
            int clientsBefore = clientThreads();
            long descriptorsBefore = descriptors();
            for (int i = 0; i < CLIENTS; i++) {
                disturb(path, random);
            }
            Eventually.isTrue("all threads are gone", () -> clientThreads() <= clientsBefore);
            Eventually.isTrue("all are closed", () -> descriptors() <= descriptorsBefore + 4);
            try (Attachment attachment = Attachment.to(path)) {
                assertThat(attachment.ask("echo", Map.of("text", "still here")))
                        .containsEntry("text", "still here");
            }
            assertThat(socket).isNotNull();
        }
        assertThat(path).doesNotExist();
    }

    private static void pour(Request request, Response response) throws IOException {
        response.beginRecords(Map.of());
        for (int i = 0; i < 100; i++) {
            response.record(ByteBuffer.allocate(10_000));
        }
    }

    /** Writes one of the things that go wrong, perhaps reads a little, and goes. */
    private static void disturb(Path path, Random random) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            channel.write(ByteBuffer.wrap(nonsense(random)));
            if (random.nextBoolean()) {
                channel.shutdownOutput();
                channel.read(ByteBuffer.allocate(1 + random.nextInt(20_000)));
            }
        } catch (IOException e) {
            // cut off while it still wrote: as it should be
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static byte[] nonsense(Random random) {
        String request = "{\"culvert\":1,\"verb\":\"" + (random.nextBoolean() ? "echo" : "pour");
        byte[] bytes = (request + "\",\"text\":\"x\"}\n").getBytes(StandardCharsets.UTF_8);
        switch (random.nextInt(5)) {
            case 0 -> {
                bytes = new byte[random.nextInt(100_000)];
                random.nextBytes(bytes);
            }
            case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            case 2 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 3 -> bytes = "[".repeat(30_000).concat("\n").getBytes(StandardCharsets.UTF_8);
            default -> {} // a request in order, whose answer nobody may wait for
        }
        return bytes;
    }

    private static int clientThreads() {
        return (int)
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("culvert-control-client"))
                        .count();
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
