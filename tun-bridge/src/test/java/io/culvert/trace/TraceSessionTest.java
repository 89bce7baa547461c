package io.culvert.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.attach.AnswerStream;
import io.culvert.attach.Attachment;
import io.culvert.attach.ControlSocket;
import io.culvert.attach.RequestHandler;
import io.culvert.attach.Response;
import io.culvert.attach.RuntimeDirectory;
import io.culvert.control.TraceFeed;
import io.culvert.run.Eventually;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a trace ends, and what its totals say then, for running culverts of several manners. */
@Timeout(60)
class TraceSessionTest {
    private static final String VERB = "trace";
    private static final Duration SOON = Duration.ofMillis(20);

    private static final Duration FOREVER = Duration.ofHours(1);

    /** Packets that one record of the stream carries. */
    private static final int PACKETS = 5;

    private static final String NOT_ENDED =
            "the running culvert has not ended the trace: what it skipped last is not known";

    @TempDir private Path directory;
    private final CountDownLatch hasEnded = new CountDownLatch(1);
    private final ShownPackets sink = new ShownPackets();
    private TraceSession.Patience patience = new TraceSession.Patience(FOREVER, FOREVER);
    private ControlSocket socket;

    /** Does something, such as stopping its session, when it has shown so many. */
    private static final class ShownPackets implements TraceSink {
        private final List<TracedPacket> packets = new ArrayList<>();
        private int stopsAt = -1;
        private Consumer<TraceSession> stopping = TraceSession::stop;
        private TraceSession session;
        private TraceTotals totals;

        @Override
        public void show(TracedPacket packet) {
            packets.add(packet);
            if (packets.size() == stopsAt) {
                stopping.accept(session);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void end(TraceTotals all) {
            totals = all;
        }
    }

    /** What a running culvert sends. */
    private interface Script {
        void play(Response response) throws IOException;
    }

    @BeforeEach
    void protectDirectory() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterEach
    void close() {
        hasEnded.countDown();
        if (socket != null) {
            socket.close();
        }
    }

    private void trace(Script script, int sampleOneIn, long most) throws Exception {
        RequestHandler handler =
                (request, response) -> {
                    response.beginRecords(Map.of("lanes", 1, "tunnels", List.of("tun0")));
                    script.play(response);
                };
        socket =
                ControlSocket.start(
                        new RuntimeDirectory(List.of(directory)), () -> Map.of(VERB, handler));
        Path path = directory.resolve(ProcessHandle.current().pid() + ".sock");
        Eventually.isTrue("the socket is there", () -> Files.exists(path));
        try (Attachment attachment = Attachment.to(path);
                AnswerStream stream = attachment.follow(VERB, Map.of());
                TraceFilter all = TraceFilter.compile(null, null)) {
            sink.session = new TraceSession(stream, all, sink, sampleOneIn, most, patience);
            sink.session.run();
        }
    }

    private static void sendPackets(Response response) throws IOException {
        try (TracedLane lane = new TracedLane("tun0 remote 192.0.2.2 mode gre")) {
            for (int i = 0; i < PACKETS; i++) {
                lane.send(new byte[10]);
            }
            byte[] records = lane.tracedRecords();
            ByteBuffer packets = ByteBuffer.allocate(1 + records.length);
            response.record(packets.put(TraceFeed.PACKETS).put(records).flip());
        }
    }

    private static void sendCounts(Response response, long seen, long skipped) throws IOException {
        ByteBuffer counts = ByteBuffer.allocate(1 + 2 * Long.BYTES);
        response.record(counts.put(TraceFeed.COUNTS).putLong(seen).putLong(skipped).flip());
    }

    private static void awaitFinish(Response response) throws IOException {
        while (response.isFollowed(SOON)) {}
    }

    @Test
    void whoStopsRightBehindAFloodIsToldHowManyWereSkipped() throws Exception {
        sink.stopsAt = 2;
        trace(
                response -> {
                    sendPackets(response);
                    awaitFinish(response);
                    sendCounts(response, 40_000, 39_995);
                },
                1,
                0);
        assertThat(sink.totals)
                .isEqualTo(new TraceTotals(40_000, PACKETS, 0, 0, 39_995, 0, 0))
                .isEqualTo(sink.session.totals());
        assertThat(sink.session.ending()).isEmpty();
    }

    @Test
    void packetsThatCameBeforeTheStopAreShown() throws Exception {
        sink.stopsAt = 1;
        trace(
                response -> {
                    sendPackets(response);
                    awaitFinish(response);
                    sendPackets(response);
                    sendCounts(response, 2 * PACKETS, 0);
                },
                1,
                0);
        assertThat(sink.packets).hasSize(2 * PACKETS);
        assertThat(sink.totals.seen()).isEqualTo(2 * PACKETS);
        assertThat(sink.totals.skippedByTunnel()).isZero();
    }

    @Test
    void theCountsOfASampleSayWhatWasLeftOut() throws Exception {
        sink.stopsAt = PACKETS;
        trace(
                response -> {
                    sendCounts(response, 1, 0);
                    sendPackets(response);
                    awaitFinish(response);
                    sendCounts(response, 700, 3);
                },
                100,
                0);
        assertThat(sink.totals).isEqualTo(new TraceTotals(700, PACKETS, 0, 692, 3, 0, 0));
    }

    @Test
    void whoWantsNoMoreThanSomeIsToldOfThoseUpToTheLast() throws Exception {
        trace(
                response -> {
                    sendPackets(response);
                    sendPackets(response);
                    awaitFinish(response);
                    sendCounts(response, 40_000, 39_000);
                },
                1,
                3);
        assertThat(sink.packets).hasSize(3);
        assertThat(sink.totals).isEqualTo(new TraceTotals(3, 3, 0, 0, 0, 0, 0));
        assertThat(sink.session.ending()).isEmpty();
    }

    @Test
    void aCulvertThatHangsIsNotWaitedForAndWhatItSkippedIsNotClaimed() throws Exception {
        sink.stopsAt = 1;
        patience = new TraceSession.Patience(FOREVER, SOON);
        trace(this::hang, 1, 0);
        assertThat(sink.totals).isEqualTo(new TraceTotals(PACKETS, PACKETS, 0, 0, 0, 0, 0));
        assertThat(sink.session.ending()).isEqualTo(NOT_ENDED);
    }

    @Test
    void whoStopsAgainAndAgainDoesNotMakeACulvertThatHangsBeWaitedForLonger() throws Exception {
        sink.stopsAt = 1;
        patience = new TraceSession.Patience(FOREVER, SOON);
        sink.stopping =
                session -> {
                    session.stop();
                    new Thread(() -> stopUntilTheEnd(session)).start();
                };
        trace(this::hang, 1, 0);
        assertThat(sink.totals).isEqualTo(new TraceTotals(PACKETS, PACKETS, 0, 0, 0, 0, 0));
        assertThat(sink.session.ending()).isEqualTo(NOT_ENDED);
    }

    private void stopUntilTheEnd(TraceSession session) {
        while (hasEnded.getCount() > 0) {
            session.stop();
            Thread.onSpinWait();
        }
    }

    @Test
    void whoIsImpatientIsShownNoMoreAndACulvertThatHangsIsNotWaitedFor() throws Exception {
        sink.stopsAt = 2;
        sink.stopping =
                session -> {
                    session.stop();
                    session.abandon();
                };
        trace(this::hang, 1, 0);
        assertThat(sink.packets).hasSize(2);
        assertThat(sink.totals).isEqualTo(new TraceTotals(PACKETS, 2, 0, 0, 0, PACKETS - 2, 0));
        assertThat(sink.session.ending()).isEqualTo(NOT_ENDED);
    }

    @Test
    void aCulvertThatEndsByItselfIsBelievedItsLastCounts() throws Exception {
        trace(
                response -> {
                    sendPackets(response);
                    sendCounts(response, 9, 4);
                    response.end("the tunnels have ended");
                },
                1,
                0);
        assertThat(sink.totals).isEqualTo(new TraceTotals(9, PACKETS, 0, 0, 4, 0, 0));
        assertThat(sink.session.ending()).isEqualTo("the tunnels have ended");
    }

    @Test
    void countsThatAreNotTheLastThingAreNotTheLast() throws Exception {
        trace(
                response -> {
                    sendCounts(response, 40_000, 30_000);
                    sendPackets(response);
                },
                1,
                0);
        assertThat(sink.totals).isEqualTo(new TraceTotals(PACKETS, PACKETS, 0, 0, 0, 0, 0));
    }

    /** Sends packets, and then does not even see that it is to end. */
    private void hang(Response response) throws IOException {
        sendCounts(response, 40_000, 30_000);
        sendPackets(response);
        try {
            hasEnded.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
