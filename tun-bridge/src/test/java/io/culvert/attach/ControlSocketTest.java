package io.culvert.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.run.Eventually;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ControlSocketTest {
    private static final long PID = ProcessHandle.current().pid();

    @TempDir Path parent;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private RuntimeDirectory where;
    private Path path;
    private ControlSocket socket;

    @BeforeEach
    void open() {
        Path directory = parent.resolve("culvert");
        where = new RuntimeDirectory(List.of(directory));
        path = directory.resolve(PID + ".sock");
        socket = ControlSocket.start(where, this::verbs);
        Eventually.isTrue("the socket is there", () -> Files.exists(path));
    }

    @AfterEach
    void close() {
        socket.close();
    }

    private Map<String, RequestHandler> verbs() {
        return Map.of(
                AttachClient.TUNNELS,
                (request, response) ->
                        response.answer(
                                Map.of(
                                        AttachClient.NETWORK_NAMESPACE,
                                        AttachClient.networkNamespace(),
                                        AttachClient.TUNNEL_LIST,
                                        List.of(Map.of(AttachClient.NAME, "tun0")))),
                "echo",
                (request, response) -> response.answer(Map.of("text", request.text("text"))),
                "count",
                this::count,
                "pour",
                this::pour,
                "break",
                (request, response) -> {
                    throw new IllegalStateException("on purpose");
                });
    }

    private void count(Request request, Response response) throws IOException, RequestException {
        long most = request.number("most", 3);
        boolean staysOpen = request.flag("open");
        response.beginLines(Map.of("most", most));
        for (long i = 0; i < most; i++) {
            response.line(Map.of("i", i));
        }
        if (staysOpen) {
            while (response.isFollowed(Duration.ofMillis(20))) {
                written.incrementAndGet();
            }
            ended.incrementAndGet();
            return;
        }
        response.end("enough");
    }

    private void pour(Request request, Response response) throws IOException, RequestException {
        long most = request.number("most", Long.MAX_VALUE);
        response.beginRecords(Map.of());
        try {
            ByteBuffer record = ByteBuffer.allocate(50_000);
            for (long i = 0; i < most; i++) {
                response.record(record.clear());
                written.incrementAndGet();
            }
        } finally {
            ended.incrementAndGet();
        }
    }

    @Test
    void onlyItsOwnerCanOpenItAndItGoesWhenClosed() throws IOException {
        assertThat(mode(path)).isEqualTo("rw-------");
        assertThat(mode(path.getParent())).isEqualTo("rwx------");

        socket.close();

        assertThat(path.getParent()).isEmptyDirectory();
    }

    @Test
    void aRequestIsAnsweredAndSoIsTheNextOneOfTheSameClient() throws AttachException {
        RunningCulvert found = new AttachClient(where).find("tun0", null);
        assertThat(found.pid()).isEqualTo(PID);
        assertThat(found.tunnels()).containsExactly("tun0");
        try (Attachment attachment = found.attach()) {
            assertThat(attachment.ask("echo", Map.of("text", "a\nb")))
                    .containsExactly(Map.entry("text", "a\nb"));
            assertThat(attachment.ask("echo", Map.of("text", "\u00fc")))
                    .containsExactly(Map.entry("text", "\u00fc"));
        }
    }

    @Test
    void aStreamSaysWhyItEnds() throws AttachException {
        try (AnswerStream stream = Attachment.to(path).follow("count", Map.of("most", 2))) {
            assertThat(stream.isRecords()).isFalse();
            assertThat(stream.header().get("most")).hasToString("2");
            assertThat(stream.nextLine().get("i")).hasToString("0");
            assertThat(stream.nextLine().get("i")).hasToString("1");
            assertThat(stream.end()).isNull();
            assertThat(stream.nextLine()).isNull();
            assertThat(stream.end()).isEqualTo("enough");
        }
    }

    @Test
    void recordsArriveWholeAndEndWithoutAWord() throws AttachException {
        ByteBuffer record = ByteBuffer.allocate(256 * 1024);
        try (AnswerStream stream = Attachment.to(path).follow("pour", Map.of("most", 20))) {
            assertThat(stream.isRecords()).isTrue();
            for (int i = 0; i < 20; i++) {
                assertThat(stream.nextRecord(record)).isTrue();
                assertThat(record.remaining()).isEqualTo(50_000);
            }
            assertThat(stream.nextRecord(record)).isFalse();
            assertThat(stream.end()).isEmpty();
        }
    }

    @Test
    void aClientThatClosesEndsItsStream() throws AttachException {
        AnswerStream stream = Attachment.to(path).follow("count", Map.of("most", 1, "open", true));
        stream.nextLine();
        Eventually.isTrue("it is followed", () -> written.get() > 2);
        assertThat(ended).hasValue(0);
        stream.close();
        Eventually.isTrue("the handler has ended", () -> ended.get() == 1);
    }

    @Test
    void aClientThatDoesNotReadIsCutOffAndCanTellWhileOthersAreAnswered() throws Exception {
        ByteBuffer record = ByteBuffer.allocate(256 * 1024);
        try (AnswerStream stream = Attachment.to(path).follow("pour", Map.of())) {
            try (Attachment other = Attachment.to(path)) {
                assertThat(other.ask("echo", Map.of("text", "x"))).containsEntry("text", "x");
            }
            Eventually.isTrue("the handler has ended", () -> ended.get() == 1);
            long before = written.get();
            assertThat(before * 50_000).isLessThan(8 << 20);
            assertThatThrownBy(
                            () -> {
                                while (stream.nextRecord(record)) {
                                    assertThat(record.remaining()).isEqualTo(50_000);
                                }
                            })
                    .isInstanceOf(AttachException.class)
                    .hasMessageContaining("cut us off because we read too slowly");
            assertThat(written).hasValue(before);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    hello                                  | the request is not JSON at character 0
                    []                                     | a request is an object
                    {}                                     | version 1 of the protocol, and the request says none
                    {"culvert":2,"verb":"echo"}            | the request says 2
                    {"culvert":1}                          | the request has no verb
                    {"culvert":1,"verb":7}                 | "verb" is a text
                    {"culvert":1,"verb":"sing"}            | no verb "sing", only break, count, echo, pour, tunnels
                    {"culvert":1,"verb":"count","most":-1} | "most" is a whole number from 0
                    {"culvert":1,"verb":"count","most":1e99} | "most" is too large
                    {"culvert":1,"verb":"count","most":0,"open":1} | "open" is true or false
                    {"culvert":1,"verb":"break"}           | a bug of culvert
                    """)
    void whatCannotBeAnsweredIsRefusedWithASentence(String line, String sentence)
            throws IOException {
        try (ControlChannel channel = connect()) {
            channel.write(bytes(line + "\n"), Duration.ofSeconds(5));
            String answer = channel.readLine(10_000, Duration.ofSeconds(5));
            assertThat(answer.replace("\\\"", "\"")).contains(sentence);
        }
        assertOthersAreAnswered();
    }

    @Test
    void aRequestWithoutEndIsRefusedAtItsBound() throws IOException {
        try (ControlChannel channel = connect()) {
            channel.write(bytes("x".repeat(Protocol.MOST_REQUEST_BYTES)), Duration.ofSeconds(5));
            channel.write(bytes("x"), Duration.ofSeconds(5));
            assertThat(channel.readLine(10_000, Duration.ofSeconds(5)))
                    .contains("a line of more than 65536 bytes");
            assertThat(channel.readLine(10_000, Duration.ofSeconds(5))).isNull();
        }
        assertOthersAreAnswered();
    }

    @Test
    void theSeventeenthClientIsToldAndTheFirstSixteenStay() throws Exception {
        List<Attachment> clients = new java.util.ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                clients.add(Attachment.to(path));
                clients.get(i).ask("echo", Map.of("text", "x"));
            }
            try (Attachment last = Attachment.to(path)) {
                assertThatThrownBy(() -> last.ask("echo", Map.of("text", "x")))
                        .hasMessage("16 clients are attached already");
            }
            for (Attachment client : clients) {
                assertThat(client.ask("echo", Map.of("text", "y"))).containsEntry("text", "y");
            }
        } finally {
            clients.forEach(Attachment::close);
        }
    }

    private void assertOthersAreAnswered() {
        try (Attachment other = Attachment.to(path)) {
            assertThat(other.ask("echo", Map.of("text", "x"))).containsEntry("text", "x");
        } catch (AttachException e) {
            throw new AssertionError(e);
        }
    }

    private ControlChannel connect() throws IOException {
        return new ControlChannel(SocketChannel.open(java.net.UnixDomainSocketAddress.of(path)));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
