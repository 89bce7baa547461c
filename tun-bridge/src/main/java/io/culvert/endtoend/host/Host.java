package io.culvert.endtoend.host;

import io.culvert.linux.NetworkNamespace;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/**
 * One of the two hosts: a network namespace with its end of the cable.
 *
 * <p>Used by the thread that goes through the rounds; {@link #submit} starts others.
 */
public final class Host implements AutoCloseable {
    /** The cable's end, in either host. */
    public static final String WIRE = "wire0";

    /** The tunnel's device, in either host. */
    public static final String TUNNEL = "tunnel0";

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** So that a Ctrl-C ends this process and not what it measures. Every word execs the next. */
    private static final List<String> OWN_SESSION =
            Command.exists("setsid") ? List.of("setsid") : List.of();

    private final String name;
    private final Addresses addresses;
    private final Deque<EndpointProcess> processes = new ArrayDeque<>();

    Host(String name, Addresses addresses) {
        this.name = name;
        this.addresses = addresses;
    }

    /** The namespace's name, for {@code ip netns}. */
    public String name() {
        return name;
    }

    public Addresses addresses() {
        return addresses;
    }

    /**
     * Runs a command, split at blanks.
     *
     * @throws CommandFailure with its complaint, when it fails
     */
    public Outcome run(String commandLine) throws InterruptedException {
        return attempt(commandLine.strip().split("\\s+")).orThrow();
    }

    /** Runs a command that may fail. */
    public Outcome attempt(String... words) throws InterruptedException {
        return attempt(PATIENCE, words);
    }

    /** Runs a command that may fail, and that may take so long. */
    public Outcome attempt(Duration patience, String... words) throws InterruptedException {
        return Command.run(inside(List.of(words)), patience);
    }

    /** Starts a program that is ended with this host at the latest. */
    public EndpointProcess start(List<String> words) {
        EndpointProcess process = EndpointProcess.start(inside(words));
        synchronized (processes) {
            processes.push(process);
        }
        return process;
    }

    /**
     * Runs code on a thread of its own inside this host: sockets that it opens are the host's.
     *
     * @param what names the thread
     */
    public <T> FutureTask<T> submit(String what, Callable<T> code) {
        FutureTask<T> task =
                new FutureTask<>(
                        () -> {
                            NetworkNamespace.enter(name);
                            return code.call();
                        });
        Thread thread = new Thread(task, what + " in " + name);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** Ends all programs that were started here. */
    @Override
    public void close() {
        while (true) {
            EndpointProcess last;
            synchronized (processes) {
                if (processes.isEmpty()) {
                    return;
                }
                last = processes.pop();
            }
            last.close();
        }
    }

    private List<String> inside(List<String> words) {
        return Stream.of(OWN_SESSION, List.of("ip", "netns", "exec", name), words)
                .flatMap(List::stream)
                .toList();
    }
}
