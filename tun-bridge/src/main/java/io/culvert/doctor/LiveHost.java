package io.culvert.doctor;

import io.culvert.device.QueueHolders;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinkFeatures;
import io.culvert.linux.NativeMemory;
import io.culvert.netlink.Link;
import io.culvert.netlink.LinkCounts;
import io.culvert.netlink.LocalAddress;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteHop;
import io.culvert.netlink.RouteMtus;
import io.culvert.netlink.RouteNetlink;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** This host, in the network namespace of the thread that opened it and that calls it. */
public final class LiveHost implements Host, AutoCloseable {
    private static final List<String> WHERE_ROOTS_PROGRAMS_ARE =
            List.of("/usr/local/sbin", "/usr/sbin", "/sbin");
    private static final int O_RDWR_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000; // asm-generic/fcntl.h
    private static final int PATIENCE_SECONDS = 10;
    private static final int CHUNK_BYTES = 1 << 16;

    private final RouteNetlink netlink = RouteNetlink.open();

    @Override
    public Optional<String> text(String path) {
        // Files of /proc/sys give all at the first read and nothing at the second, so that what
        // Files.readString begins with, one byte, would be all that came of them.
        byte[] chunk = new byte[CHUNK_BYTES];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (InputStream in = new FileInputStream(path)) {
            for (int read = in.read(chunk); read > 0; read = in.read(chunk)) {
                all.write(chunk, 0, read);
            }
            return Optional.of(all.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(Path.of(path));
    }

    @Override
    public int openError(String path) {
        NativeMemory name = NativeMemory.ofText(path);
        int fd = LibC.open(name.address(), O_RDWR_NONBLOCK_CLOEXEC);
        int errno = fd < 0 ? LibC.errno() : 0;
        Reference.reachabilityFence(name);
        if (fd >= 0) {
            LibC.close(fd);
        }
        return errno;
    }

    @Override
    public Optional<ProgramOutput> run(String... command) {
        Optional<Path> program = find(command[0]);
        if (program.isEmpty()) {
            return Optional.empty();
        }
        String[] words = command.clone();
        words[0] = program.get().toString();
        try {
            return Optional.of(runToEnd(words));
        } catch (IOException e) {
            return Optional.of(new ProgramOutput(Errno.ENOENT, "", e.getMessage()));
        }
    }

    private static ProgramOutput runToEnd(String[] words) throws IOException {
        // Files and not pipes, which would need readers.
        Path stdout = Files.createTempFile("culvert-doctor", ".out");
        Path stderr = Files.createTempFile("culvert-doctor", ".err");
        try {
            Process process =
                    new ProcessBuilder(words)
                            .redirectInput(new File("/dev/null"))
                            .redirectOutput(stdout.toFile())
                            .redirectError(stderr.toFile())
                            .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new ProgramOutput(
                        Errno.ETIMEDOUT, "", "no end after " + PATIENCE_SECONDS + " seconds");
            }
            return new ProgramOutput(
                    process.exitValue(), Files.readString(stdout), Files.readString(stderr));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ProgramOutput(Errno.EINTR, "", "interrupted");
        } finally {
            Files.deleteIfExists(stdout);
            Files.deleteIfExists(stderr);
        }
    }

    /** Where users who are not root have no path to, there are nft and iptables. */
    private static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        return Stream.concat(Stream.of(path.split(":")), WHERE_ROOTS_PROGRAMS_ARE.stream())
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    public Optional<LinkCounts> counts(int linkIndex) {
        return netlink.counts(linkIndex);
    }

    @Override
    public List<String> queueHolders(String deviceName) {
        return QueueHolders.others(deviceName);
    }

    @Override
    public Set<String> features(String link) {
        return LinkFeatures.active(link);
    }

    @Override
    public List<Link> links() {
        return netlink.links();
    }

    @Override
    public List<LocalAddress> addresses() {
        return netlink.addresses();
    }

    @Override
    public RouteAnswer route(InetAddress destination, InetAddress source, int outIndex) {
        return netlink.route(destination, source, outIndex, 0);
    }

    @Override
    public RouteMtus mtus(InetAddress destination, InetAddress source, int outIndex) {
        return netlink.mtus(destination, source, outIndex);
    }

    @Override
    public List<RouteHop> hops(InetAddress destination, InetAddress source, int outIndex) {
        return netlink.hops(destination, source, outIndex);
    }

    @Override
    public void close() {
        netlink.close();
    }
}
