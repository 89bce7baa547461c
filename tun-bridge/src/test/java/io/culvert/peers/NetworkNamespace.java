package io.culvert.peers;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A network namespace of this test run: a host of its own, with nothing in it but a loopback device
 * that is up.
 *
 * <p>Closing it ends the processes that were started in it and deletes it with all its devices; an
 * orderly end of the JVM closes those that are left. Not for use by several threads at once.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Set<NetworkNamespace> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> OPEN.forEach(NetworkNamespace::close), "netns clean-up"));
    }

    private final String name;
    private final Deque<BackgroundProcess> processes = new ArrayDeque<>();

    private NetworkNamespace(String name) {
        this.name = name;
    }

    /** Makes a namespace whose name holds {@code label}, this process and a number. */
    public static NetworkNamespace create(String label) {
        String name =
                "cv-%d-%s%d"
                        .formatted(ProcessHandle.current().pid(), label, COUNT.incrementAndGet());
        ForegroundCommand.run(List.of("ip", "netns", "add", name), PATIENCE).orThrow();
        NetworkNamespace namespace = new NetworkNamespace(name);
        OPEN.add(namespace);
        namespace.run("ip link set lo up");
        return namespace;
    }

    /** Joins two namespaces by a cable, a veth pair whose ends are up. */
    public static void connect(
            NetworkNamespace left, String leftDevice, NetworkNamespace right, String rightDevice) {
        left.run(
                "ip link add %s type veth peer name %s netns %s"
                        .formatted(leftDevice, rightDevice, right.name));
        left.run("ip link set %s up".formatted(leftDevice));
        right.run("ip link set %s up".formatted(rightDevice));
    }

    public String name() {
        return name;
    }

    /** Gives a device an address, such as {@code 192.0.2.1/24}, that can be used at once. */
    public void address(String device, String cidr) {
        String withoutDetection = cidr.indexOf(':') >= 0 ? " nodad" : "";
        run("ip addr add %s dev %s%s".formatted(cidr, device, withoutDetection));
    }

    /** Runs a command, split at blanks, and throws with all that it wrote when it fails. */
    public Outcome run(String commandLine) {
        return exec(commandLine.strip().split("\\s+"));
    }

    /** Runs a command, and throws with all that it wrote when it fails or takes 20 seconds. */
    public Outcome exec(String... command) {
        return attempt(command).orThrow();
    }

    /** Runs a command that may fail; throws only when it takes 20 seconds. */
    public Outcome attempt(String... command) {
        return ForegroundCommand.run(inside(command), PATIENCE);
    }

    /** Starts a program that runs until it ends, is closed, or this namespace closes. */
    public BackgroundProcess start(String... command) {
        String program = command[0].substring(command[0].lastIndexOf('/') + 1);
        String logName = "%s-%s-%d".formatted(name, program, processes.size() + 1);
        BackgroundProcess process = BackgroundProcess.start(logName, inside(command));
        processes.push(process);
        return process;
    }

    @Override
    public void close() {
        if (!OPEN.remove(this)) {
            return;
        }
        RuntimeException failure = null;
        while (!processes.isEmpty()) {
            try {
                processes.pop().close();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        ForegroundCommand.run(List.of("ip", "netns", "del", name), PATIENCE).orThrow();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private List<String> inside(String... command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", name), Stream.of(command)).toList();
    }
}
