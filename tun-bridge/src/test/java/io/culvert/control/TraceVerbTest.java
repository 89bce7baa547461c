package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.attach.AnswerStream;
import io.culvert.attach.AttachException;
import io.culvert.attach.Attachment;
import io.culvert.attach.ControlSocket;
import io.culvert.attach.RuntimeDirectory;
import io.culvert.channel.Lane;
import io.culvert.channel.LaneOptions;
import io.culvert.channel.Lanes;
import io.culvert.observe.TraceRecord;
import io.culvert.packet.PacketBatch;
import io.culvert.run.Eventually;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client of the control socket is sent of the packets of several lanes. */
@Timeout(60)
class TraceVerbTest {
    private static final int PACKETS = 300;

    /** More than four times of what the rings and the socket hold. */
    private static final int FLOOD = 200_000;

    @TempDir private Path directory;
    private final Lanes bothLanes = new Lanes(new LaneOptions(2, 0));
    private final List<Lane> lanes = bothLanes.all();
    private final ByteBuffer record = ByteBuffer.allocate(256 * 1024);
    private ControlSocket socket;

    @BeforeEach
    void listen() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        TraceVerb verb = new TraceVerb(List.of("tun0", "tun1"), lanes);
        socket =
                ControlSocket.start(
                        new RuntimeDirectory(List.of(directory)),
                        () -> Map.of(TraceVerb.VERB, verb));
        Path path = path();
        Eventually.isTrue("the socket is there", () -> Files.exists(path));
    }

    @AfterEach
    void end() {
        socket.close();
        bothLanes.close();
    }

    private Path path() {
        return directory.resolve(ProcessHandle.current().pid() + ".sock");
    }

    /** Has a lane's thread settle a batch of one packet. */
    private void carry(int lane, int tunnel) throws InterruptedException {
        carry(lane, tunnel, 1);
    }

    /** Has a lane's thread settle so many batches of one packet. */
    private void carry(int lane, int tunnel, int packets) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        lanes.get(lane)
                .execute(
                        () -> {
                            PacketBatch batch = PacketBatch.standalone(1, 100);
                            batch.append(60);
                            var trace = lanes.get(lane).tunnels().trace();
                            for (int i = 0; i < packets && trace.isWatched(); i++) {
                                trace.settleTransmitted(batch, tunnel);
                            }
                            done.countDown();
                        });
        done.await();
    }

    @Test
    void thePacketsOfAllLanesComeInTheOrderOfTheirTimes() throws Exception {
        try (Attachment attachment = Attachment.to(path());
                AnswerStream stream = attachment.follow(TraceVerb.VERB, Map.of())) {
            TraceHeader header = TraceHeader.of(stream.header());
            assertThat(header.tunnels()).containsExactly("tun0", "tun1");
            assertThat(header.lanes()).isEqualTo(2);
            assertThat(header.reasons()).anyMatch(reason -> reason.label().equals("key-mismatch"));
            List<Integer> carried = new ArrayList<>();
            Random random = new Random(47);
            for (int i = 0; i < PACKETS; i++) {
                int lane = random.nextInt(2);
                carry(lane, 0);
                carried.add(lane);
            }
            List<Integer> received = new ArrayList<>();
            boolean hasCounts = false;
            while (received.size() < PACKETS || !hasCounts) {
                assertThat(stream.nextRecord(record)).isTrue();
                switch (record.get()) {
                    case TraceFeed.PACKETS -> received.addAll(lanesIn(record));
                    case TraceFeed.COUNTS -> {
                        hasCounts = received.size() == PACKETS;
                        assertThat(record.getLong()).isBetween(0L, (long) PACKETS);
                        assertThat(record.getLong()).as("skipped").isZero();
                    }
                    default -> throw new AssertionError("an unknown record");
                }
            }
            assertThat(received).isEqualTo(carried);
        }
    }

    @ParameterizedTest(name = "one in {0}, drops only: {1}")
    @CsvSource({"1, false", "4, false", "1, true"})
    void whoFinishesRightBehindAFloodIsSentWhatIsLeftAndThenWhatBecameOfAll(
            int oneIn, boolean dropsOnly) throws Exception {
        Map<String, Object> wanted =
                Map.of(TraceVerb.SAMPLE_ONE_IN, oneIn, TraceVerb.DROPS_ONLY, dropsOnly);
        try (Attachment attachment = Attachment.to(path());
                AnswerStream stream = attachment.follow(TraceVerb.VERB, wanted)) {
            carry(0, 0, FLOOD);
            carry(1, 0, FLOOD);
            stream.finish();

            long received = 0;
            byte last = 0;
            long seen = 0;
            long skipped = 0;
            while (stream.nextRecord(record)) {
                last = record.get();
                if (last == TraceFeed.COUNTS) {
                    seen = record.getLong();
                    skipped = record.getLong();
                } else {
                    received += lanesIn(record).size();
                }
            }
            assertThat(stream.end()).isEmpty();
            assertThat(last).isEqualTo(TraceFeed.COUNTS);
            assertThat(seen).isEqualTo(dropsOnly ? 0 : 2 * FLOOD);
            if (oneIn == 1) {
                assertThat(received + skipped).isEqualTo(seen);
            }
            assertThat(skipped > 0).as("skipped").isEqualTo(!dropsOnly);
            assertThat(received > 0).as("received").isEqualTo(!dropsOnly);
        }
        for (Lane lane : lanes) {
            Eventually.isTrue("unwatched", () -> !lane.tunnels().trace().isWatched());
        }
    }

    @Test
    void whoLeavesIsWatchingNoMore() throws Exception {
        try (Attachment attachment = Attachment.to(path())) {
            attachment.follow(TraceVerb.VERB, Map.of());
            assertThat(lanes).allMatch(lane -> lane.tunnels().trace().isWatched());
        }
        for (Lane lane : lanes) {
            Eventually.isTrue("unwatched", () -> !lane.tunnels().trace().isWatched());
        }
    }

    @Test
    void onlyTheTunnelsThatWereAskedForAreSent() throws Exception {
        Map<String, Object> onlyTheSecond =
                Map.of(TraceVerb.TUNNELS, List.of("tun1"), TraceVerb.SNAP_BYTES, 0);
        try (Attachment attachment = Attachment.to(path());
                AnswerStream stream = attachment.follow(TraceVerb.VERB, onlyTheSecond)) {
            carry(0, 0);
            carry(1, 1);
            assertThat(stream.nextRecord(record)).isTrue();
            assertThat(record.get()).isEqualTo(TraceFeed.PACKETS);
            assertThat(lanesIn(record)).containsExactly(1);
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() throws Exception {
        assertRefused(Map.of(TraceVerb.TUNNELS, List.of("tun7")), "there is no tunnel tun7 here");
        assertRefused(Map.of(TraceVerb.SAMPLE_ONE_IN, 0), "no sample");
        assertRefused(Map.of(TraceVerb.SNAP_BYTES, 70_000), "70000");
        assertThat(lanes).noneMatch(lane -> lane.tunnels().trace().isWatched());
    }

    private void assertRefused(Map<String, ?> request, String sentence) throws Exception {
        try (Attachment attachment = Attachment.to(path())) {
            assertThatThrownBy(() -> attachment.follow(TraceVerb.VERB, request))
                    .isInstanceOf(AttachException.class)
                    .hasMessageContaining(sentence);
        }
    }

    private static List<Integer> lanesIn(ByteBuffer chunk) {
        List<Integer> lanes = new ArrayList<>();
        TraceRecord view = new TraceRecord();
        for (int at = chunk.position(); at < chunk.limit(); at += view.lengthBytes()) {
            assertThat(view.wrap(chunk, at).isValid(chunk.limit() - at)).isTrue();
            lanes.add(view.lane());
        }
        return lanes;
    }
}
