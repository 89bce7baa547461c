package io.culvert.attach;

import io.culvert.attach.AttachException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds the processes that run tunnels here, by their control sockets. */
public final class AttachClient {
    /** What every process answers about itself. */
    public static final String TUNNELS = "tunnels";

    /** In an answer to {@link #TUNNELS}, a list of objects that have a {@link #NAME}. */
    public static final String TUNNEL_LIST = "tunnels";

    public static final String NAME = "name";

    /** Beside each name, a list of words that describe the tunnel as {@code culvert run} does. */
    public static final String WORDS = "words";

    /**
     * Beside each name, by which way its outer packets reach the wire: in an answer to {@link
     * #TUNNELS} a word, {@code raw} or {@code packet}; in one of {@code stats} an object.
     */
    public static final String UNDERLAY = "underlay";

    /** In an answer to {@link #TUNNELS}, where the process lives. */
    public static final String NETWORK_NAMESPACE = "network-namespace";

    private final RuntimeDirectory where;

    /**
     * @param where directories to look in, all of them
     */
    public AttachClient(RuntimeDirectory where) {
        this.where = where;
    }

    /** What this process's network namespace is called, as processes say it of theirs. */
    public static String networkNamespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        } catch (IOException e) { // without /proc, all are as if in one
            return "";
        }
    }

    /**
     * The processes that answer, by directory and number; those that end meanwhile are left out.
     *
     * @throws AttachException when a directory or a socket is not for us, and no other is
     */
    public List<RunningCulvert> running() throws AttachException {
        List<RunningCulvert> running = new ArrayList<>();
        AttachException denied = null;
        for (Path socket : sockets()) {
            try {
                running.add(greet(socket));
            } catch (AttachException e) {
                if (e.kind() != Kind.NOT_RUNNING) {
                    denied = e;
                }
            }
        }
        if (running.isEmpty() && denied != null) {
            throw denied;
        }
        return running;
    }

    /**
     * The processes that answer in time, asked side by side: one that is stopped holds up nobody.
     *
     * @param patience how long this takes at most
     */
    public List<RunningCulvert> runningWithin(Duration patience) {
        List<RunningCulvert> running = new ArrayList<>();
        List<Callable<RunningCulvert>> questions = new ArrayList<>();
        try {
            for (Path socket : sockets()) {
                questions.add(() -> greet(socket));
            }
        } catch (AttachException e) { // nothing that we may ask
            return running;
        }
        if (questions.isEmpty()) { // as at most starts, which need no threads for that
            return running;
        }
        ExecutorService askers = Executors.newCachedThreadPool(AttachClient::asker);
        try {
            for (Future<RunningCulvert> answer :
                    askers.invokeAll(questions, patience.toMillis(), TimeUnit.MILLISECONDS)) {
                if (!answer.isCancelled()) {
                    addAnswer(answer, running);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            askers.shutdownNow();
        }
        return running;
    }

    private static void addAnswer(Future<RunningCulvert> answer, List<RunningCulvert> running)
            throws InterruptedException {
        try {
            running.add(answer.get());
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AttachException)) { // else it ended, or is not for us
                throw new IllegalStateException("a question to a process failed", e.getCause());
            }
        }
    }

    private static Thread asker(Runnable question) {
        Thread thread = new Thread(question, "culvert-asker");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * The one process that is meant. Where several could be, those in this network namespace are.
     *
     * @param tunnel the name of one of its tunnels, or null for any
     * @param pid its number, or null for any
     * @throws AttachException when there is none, or are several
     */
    public RunningCulvert find(String tunnel, Long pid) throws AttachException {
        List<RunningCulvert> all = running();
        if (all.isEmpty()) {
            throw new AttachException(
                    Kind.NOT_RUNNING,
                    "no culvert is running here: no control socket in " + places());
        }
        List<RunningCulvert> meant = all;
        if (pid != null) {
            meant = only(meant, culvert -> culvert.pid() == pid);
        }
        if (tunnel != null) {
            meant = only(meant, culvert -> culvert.tunnels().contains(tunnel));
        }
        if (meant.size() > 1) {
            String here = networkNamespace();
            List<RunningCulvert> near =
                    only(meant, culvert -> culvert.networkNamespace().equals(here));
            meant = near.isEmpty() ? meant : near;
        }
        if (meant.size() == 1) {
            return meant.get(0);
        }
        throw meant.isEmpty() ? none(tunnel, pid, all) : several(tunnel, meant);
    }

    private static AttachException none(String tunnel, Long pid, List<RunningCulvert> all) {
        String what =
                pid == null
                        ? "no culvert here has a tunnel " + tunnel
                        : "no culvert with pid "
                                + pid
                                + (tunnel == null ? " is running here" : " has a tunnel " + tunnel);
        return new AttachException(Kind.NOT_RUNNING, what + ", only " + list(all));
    }

    private static AttachException several(String tunnel, List<RunningCulvert> meant) {
        String what =
                tunnel == null
                        ? meant.size() + " culverts are running here"
                        : meant.size() + " have a tunnel named " + tunnel;
        return new AttachException(
                Kind.AMBIGUOUS, what + ": say which with --pid PID: " + list(meant));
    }

    private static String list(List<RunningCulvert> culverts) {
        return culverts.stream()
                .map(c -> "pid " + c.pid() + " (" + String.join(", ", c.tunnels()) + ")")
                .collect(Collectors.joining(", "));
    }

    private static List<RunningCulvert> only(
            List<RunningCulvert> culverts, Predicate<RunningCulvert> wanted) {
        return culverts.stream().filter(wanted).toList();
    }

    private String places() {
        return where.candidates().stream().map(Path::toString).collect(Collectors.joining(", "));
    }

    private static RunningCulvert greet(Path socket) throws AttachException {
        try (Attachment attachment = Attachment.to(socket)) {
            Map<String, Object> answer = attachment.ask(TUNNELS, Map.of());
            Map<String, List<String>> tunnelWords = new LinkedHashMap<>();
            if (answer.get(TUNNEL_LIST) instanceof List<?> tunnels) {
                for (Object tunnel : tunnels) {
                    if (tunnel instanceof Map<?, ?> map) {
                        tunnelWords.put(String.valueOf(map.get(NAME)), words(map));
                    }
                }
            }
            String fileName = socket.getFileName().toString();
            return new RunningCulvert(
                    Long.parseLong(fileName.substring(0, fileName.indexOf('.'))),
                    socket,
                    String.valueOf(answer.get(NETWORK_NAMESPACE)),
                    tunnelWords);
        }
    }

    private static List<String> words(Map<?, ?> tunnel) {
        return tunnel.get(WORDS) instanceof List<?> words
                ? words.stream().map(String::valueOf).toList()
                : List.of();
    }

    private List<Path> sockets() throws AttachException {
        AttachException denied = null;
        List<Path> sockets = new ArrayList<>();
        for (Path directory : where.candidates()) {
            try {
                sockets.addAll(SocketFile.list(directory).values());
            } catch (NoSuchFileException | NotDirectoryException e) {
                continue;
            } catch (AccessDeniedException e) {
                denied =
                        new AttachException(
                                Kind.NO_PERMISSION,
                                directory
                                        + " is not ours to read: be who runs culvert run there, or"
                                        + " root",
                                e);
            } catch (IOException e) {
                throw new AttachException(
                        Kind.FAILED, "cannot read " + directory + ": " + e.getMessage(), e);
            }
        }
        if (sockets.isEmpty() && denied != null) {
            throw denied;
        }
        return sockets;
    }
}
