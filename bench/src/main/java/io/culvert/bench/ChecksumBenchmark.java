package io.culvert.bench;

import io.culvert.wire.InternetChecksum;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What does a checksum cost, compared with reading the bytes?
 *
 * <p>Each is taken over another one of 1,024 windows of 192 KiB of random bytes, so that all sizes
 * are read from the second level cache and none from beyond it.
 */
@Asks(value = "What does a checksum cost, compared with reading the bytes?", per = "checksum")
@State(Scope.Thread)
public class ChecksumBenchmark extends PerPacket {
    private static final int FARTHEST_WINDOW = 1 << 17;
    private static final int LARGEST = 65_535;

    @Param({"20", "64", "576", "1400", "9000", "65535"})
    public int bytes;

    private final int[] windows = new int[PacketRounds.PACKETS];
    private final ByteBuffer memory = ByteBuffer.allocateDirect(FARTHEST_WINDOW + LARGEST + 1);
    private final ByteBuffer target = ByteBuffer.allocateDirect(LARGEST + 1);
    private int first;

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(1071);
        byte[] content = new byte[memory.capacity()];
        random.nextBytes(content);
        memory.put(0, content);
        for (int i = 0; i < windows.length; i++) {
            windows[i] = random.nextInt(FARTHEST_WINDOW) & ~3; // headers are aligned to words
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int culvert() {
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            sum += InternetChecksum.checksum(memory, windows[i], bytes);
        }
        return sum;
    }

    /** RFC 1071 §4.1 as it is printed: two bytes at a time. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int wordByWord() {
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            sum += TextbookChecksum.of(memory, windows[i], bytes);
        }
        return sum;
    }

    /** Copies the bytes: the machine's widest loads, and as many stores. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public byte copy() {
        byte last = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            target.put(0, memory, windows[i], bytes);
            last += target.get(bytes - 1);
        }
        return last;
    }

    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public long onePass() {
        long sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            sum += OnePass.over(memory, windows[i], bytes);
        }
        return sum;
    }

    private int nextRound() {
        first = first + BATCH & PacketRounds.PACKETS - 1;
        return first;
    }
}
