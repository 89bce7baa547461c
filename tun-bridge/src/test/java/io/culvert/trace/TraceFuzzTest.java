package io.culvert.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TraceHeader;
import io.culvert.observe.TraceRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of any bytes are refused or shown, in every form, without an exception. */
class TraceFuzzTest {
    private static final int MUTANTS = 3_000;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20261123, -7})
    void mutatedRecordsAreRefusedOrShown(long seed) throws IOException {
        Random random = new Random(seed);
        byte[][] records = records();
        int shown = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] record = records[random.nextInt(records.length)].clone();
            for (int change = random.nextInt(8); change >= 0; change--) {
                // now among the record's own fields, now among the packet's bytes
                int bound = random.nextBoolean() ? TraceRecord.HEADER_BYTES : record.length;
                record[random.nextInt(bound)] = (byte) random.nextInt();
            }
            shown += show(record) ? 1 : 0;
        }
        assertThat(shown).isBetween(MUTANTS / 10, MUTANTS);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {2, 3})
    void chunksOfAnyBytesAreCountedUpToWhereTheyMakeSense(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < MUTANTS; i++) {
            byte[] chunk = new byte[random.nextInt(1000)];
            random.nextBytes(chunk);
            long records = TraceReceiver.recordsIn(ByteBuffer.wrap(chunk));
            assertThat(records).isBetween(0L, (long) chunk.length / TraceRecord.HEADER_BYTES);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {4, 5})
    void headersOfAnyKindAreRead(long seed) {
        Random random = new Random(seed);
        Object[] values = {null, "text", 7, List.of("a", 1), Map.of("label", 3), true};
        String[] names = {"tunnels", "reasons", "lanes", "epoch-nanos", "nano-time"};
        for (int i = 0; i < 500; i++) {
            Map<String, Object> map = new java.util.HashMap<>();
            for (String name : names) {
                map.put(name, values[random.nextInt(values.length)]);
            }
            assertThat(TraceHeader.of(map).tunnels()).isNotNull();
        }
    }

    private static boolean show(byte[] bytes) throws IOException {
        TraceRecord record = new TraceRecord().wrap(ByteBuffer.wrap(bytes), 0);
        if (!record.isValid(bytes.length)) {
            return false;
        }
        TraceHeader header = new TraceHeader(List.of("tun0"), List.of(), 1, 0, 0);
        TracedPacket packet = TracedPacket.of(record, header);
        PrintWriter out = new PrintWriter(Writer.nullWriter());
        new TraceLines(out, new TraceLines.Style(true, true, true, ZoneOffset.UTC, 4)).show(packet);
        new TraceObjects(out, true, true).show(packet);
        new TraceFile(OutputStream.nullOutputStream(), "test", List.of("tun0")).show(packet);
        return true;
    }

    /** Of packets that came, left, were fragmented, answered and dropped. */
    private static byte[][] records() throws IOException {
        try (TracedLane lane = new TracedLane("tun0 remote 192.0.2.2 mode gre key 7 csum seq")) {
            for (byte[] outer : KernelPackets.of("gre-key-csum-seq-in4")) {
                lane.receive(outer).forEach(lane::send);
            }
            lane.send(new byte[10]);
            byte[] all = lane.tracedRecords();
            List<byte[]> records = new java.util.ArrayList<>();
            TraceRecord record = new TraceRecord();
            for (int at = 0; at < all.length; at += record.lengthBytes()) {
                record.wrap(ByteBuffer.wrap(all), at);
                records.add(java.util.Arrays.copyOfRange(all, at, at + record.lengthBytes()));
            }
            return records.toArray(byte[][]::new);
        }
    }
}
