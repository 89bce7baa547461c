package io.culvert.endtoend.host;

import io.culvert.linux.LibC;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Two hosts joined by a cable, and a directory for the files of their programs.
 *
 * <pre>
 *  left                                              right
 *  tunnel0 198.51.100.1                       tunnel0 198.51.100.2
 *  wire0   192.0.2.1   ====== veth, MTU 1500 ====== wire0   192.0.2.2
 * </pre>
 *
 * <p>Closing it ends the programs and removes all of it; so does the end of this process, whatever
 * ends it. Only what a {@code kill -9} leaves behind is there until {@link #sweep}.
 */
public final class Topology implements AutoCloseable {
    /** How the names of all namespaces and temporary files of any run begin; its pid follows. */
    public static final String PREFIX = "culvert-bench-";

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-\\w+");

    /** How the names of all namespaces and temporary files of this process begin. */
    static final String OWN_NAME = PREFIX + ProcessHandle.current().pid() + "-";

    private static final Set<Topology> OPEN = new HashSet<>();

    static {
        Thread cleanUp = new Thread(Topology::closeAll, "bench clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
    }

    private final Host left;
    private final Host right;
    private final Path directory;

    private Topology() {
        left = new Host(OWN_NAME + "left", Addresses.LEFT);
        right = new Host(OWN_NAME + "right", Addresses.RIGHT);
        try {
            directory = Files.createTempDirectory(OWN_NAME);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a directory for temporary files", e);
        }
    }

    /**
     * Makes the hosts.
     *
     * @throws CommandFailure when the system refuses; nothing is left behind then
     */
    public static Topology open() throws InterruptedException {
        Topology topology = new Topology();
        synchronized (OPEN) {
            OPEN.add(topology);
        }
        try {
            topology.make();
            return topology;
        } catch (CommandFailure | InterruptedException e) {
            topology.close();
            throw e;
        }
    }

    /** The host that sends. */
    public Host left() {
        return left;
    }

    /** The host that receives, or answers. */
    public Host right() {
        return right;
    }

    /** Where programs may leave files. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() {
        synchronized (OPEN) {
            if (!OPEN.remove(this)) {
                return;
            }
        }
        boolean interrupted = Thread.interrupted();
        left.close();
        right.close();
        delete(left.name());
        delete(right.name());
        delete(directory);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Removes what runs that were killed have left; that of runs that go on stays. */
    public static void sweep() throws InterruptedException {
        Outcome list = Command.run(List.of("ip", "netns", "list"), PATIENCE);
        Matcher names = NAME.matcher(list.stdout());
        while (names.find()) {
            if (isOrphan(names)) {
                delete(names.group());
            }
        }
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            for (Path file : files.toList()) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.lookingAt() && isOrphan(name) && isOurs(file)) {
                    delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list temporary files", e);
        }
    }

    /** Of another user's file nobody knows what it will be by the time that it is deleted. */
    private static boolean isOurs(Path file) throws IOException {
        Object owner = Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return owner.equals(LibC.geteuid());
    }

    private static boolean isOrphan(Matcher name) {
        return ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
    }

    private void make() throws InterruptedException {
        for (Host host : List.of(left, right)) {
            Command.run(List.of("ip", "netns", "add", host.name()), PATIENCE).orThrow();
            host.run("ip link set lo up");
        }
        left.run(
                "ip link add %s type veth peer name %s netns %s"
                        .formatted(Host.WIRE, Host.WIRE, right.name()));
        for (Host host : List.of(left, right)) {
            String outer = host.addresses().outer() + Addresses.IPV4_PREFIX;
            host.run("ip addr add %s dev %s".formatted(outer, Host.WIRE));
            host.run("ip link set %s up".formatted(Host.WIRE));
        }
    }

    /** Deletes a namespace with whatever still runs in it; it may be gone already. */
    private static void delete(String name) {
        try {
            Outcome pids = Command.run(List.of("ip", "netns", "pids", name), PATIENCE);
            pids.stdout()
                    .lines()
                    .map(Long::valueOf)
                    .filter(pid -> pid != ProcessHandle.current().pid())
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .forEach(ProcessHandle::destroyForcibly);
            Command.run(List.of("ip", "netns", "del", name), PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + root, e);
        }
    }

    private static void closeAll() {
        List<Topology> open;
        synchronized (OPEN) {
            open = List.copyOf(OPEN);
        }
        open.forEach(Topology::close);
    }
}
