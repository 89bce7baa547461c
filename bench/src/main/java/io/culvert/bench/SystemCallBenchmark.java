package io.culvert.bench;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.culvert.linux.LibC;
import io.culvert.linux.NativeMemory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does a call from Java into the kernel cost, apart from the kernel?
 *
 * <p>Two pairs. {@code jnaWrite} and {@code nettyWrite} ask the same of the kernel, one byte for
 * {@code /dev/null}, over JNA's direct mapping and over Netty's own JNI. {@code jnaNoSystemCall}
 * and {@code jnaNullSystemCall} cross the same bridge to a function that stays in user space and to
 * the cheapest one that does not: between them lies a null system call.
 */
@Asks(
        value = "What does a call from Java into the kernel cost, apart from the kernel?",
        per = "call")
@State(Scope.Thread)
public class SystemCallBenchmark extends PerPacket {
    private static final int O_WRONLY = 1; // asm-generic/fcntl.h

    private final NativeMemory path = NativeMemory.ofText("/dev/null");
    private final NativeMemory oneByte = NativeMemory.allocate(1);
    private final ByInterface byInterface = Native.load(null, ByInterface.class);
    private int fd;
    private FileDescriptor descriptor;
    private int number = -1;

    /** Functions of libc that the packet path has no use for. */
    static final class NullCalls {
        static {
            Native.register(NullCalls.class, NativeLibrary.getProcess());
        }

        private NullCalls() {}

        static native int abs(int number);

        static native int getppid();
    }

    /** The same by JNA's other way, which looks each call up. */
    interface ByInterface extends Library {
        int getppid();
    }

    @Setup
    public void open() {
        Epoll.ensureAvailability();
        fd = LibC.open(path.address(), O_WRONLY);
        if (fd < 0) {
            throw new IllegalStateException("cannot open /dev/null: errno " + LibC.errno());
        }
        descriptor = new FileDescriptor(fd);
    }

    @TearDown
    public void close() throws IOException {
        descriptor.close();
    }

    @Benchmark
    public long jnaWrite() {
        return LibC.write(fd, oneByte.address(), 1);
    }

    @Benchmark
    @Baseline
    public int nettyWrite() throws IOException {
        return descriptor.writeAddress(oneByte.address(), 0, 1);
    }

    @Benchmark
    public int jnaNullSystemCall() {
        return NullCalls.getppid();
    }

    @Benchmark
    @Baseline
    public int jnaInterfaceNullSystemCall() {
        return byInterface.getppid();
    }

    @Benchmark
    @Floor
    public int jnaNoSystemCall() {
        return NullCalls.abs(number--);
    }
}
