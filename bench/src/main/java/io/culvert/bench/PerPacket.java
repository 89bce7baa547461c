package io.culvert.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How all questions are measured: nanoseconds per operation in three JVMs, ten seconds each.
 *
 * <p>Three, because what the compiler makes of the same code differs from JVM to JVM, and more than
 * from second to second within one.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
public abstract class PerPacket {
    /** Packets in a batch: one call of a benchmark method handles so many. */
    static final int BATCH = PacketRounds.BATCH;
}
