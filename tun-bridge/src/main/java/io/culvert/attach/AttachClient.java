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
import java.util.Iterator;
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

    /**
     * Beside each name, how its device is: {@code up}, {@code down}, {@code elsewhere}, {@code
     * gone}.
     */
    public static final String STATE = "state";

    /** Beside each name, what keeps its packets from leaving, for a person; or null. */
    public static final String WAITING_FOR = "waiting-for";

    /** In an answer to {@link #TUNNELS}, where the process lives. */
    public static final String NETWORK_NAMESPACE = "network-namespace";

    /** A process that is stopped, or has no processor, answers late or never. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

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
     * Who was asked.
     *
     * @param running the processes that answered, by directory and number
     * @param silent why others did not; none for those that have ended meanwhile
     */
    public record Found(List<RunningCulvert> running, List<AttachException> silent) {}

    /**
     * Asks all processes at the same time: one that is stopped keeps no other from being found.
     *
     * @throws AttachException when none answers, with the reason
     */
    public Found search() throws AttachException {
        Found found = ask(sockets(), PATIENCE);
        if (found.running().isEmpty()) {
            throw found.silent().isEmpty() ? nobody() : found.silent().get(0);
        }
        return found;
    }

    /**
     * The processes that answer in time, and that we may ask.
     *
     * @param patience how long this takes at most
     */
    public List<RunningCulvert> runningWithin(Duration patience) {
        try {
            return ask(sockets(), patience).running();
        } catch (AttachException e) { // nothing that we may ask
            return List.of();
        }
    }

    private static Found ask(List<Path> sockets, Duration patience) {
        Found found = new Found(new ArrayList<>(), new ArrayList<>());
        if (sockets.isEmpty()) { // as at most starts, which need no threads for that
            return found;
        }
        List<Callable<RunningCulvert>> questions = new ArrayList<>();
        for (Path socket : sockets) {
            questions.add(() -> greet(socket));
        }
        ExecutorService askers = Executors.newCachedThreadPool(AttachClient::asker);
        try {
            Iterator<Path> asked = sockets.iterator();
            for (Future<RunningCulvert> answer :
                    askers.invokeAll(questions, patience.toMillis(), TimeUnit.MILLISECONDS)) {
                addAnswer(asked.next(), answer, found);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            askers.shutdownNow();
        }
        return found;
    }

    private static void addAnswer(Path socket, Future<RunningCulvert> answer, Found found)
            throws InterruptedException {
        try {
            if (answer.isCancelled()) {
                found.silent()
                        .add(new AttachException(Kind.FAILED, socket + ": no answer in time"));
            } else {
                found.running().add(answer.get());
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AttachException why)) {
                throw new IllegalStateException("a question to a process failed", e.getCause());
            }
            if (why.kind() != Kind.NOT_RUNNING) {
                found.silent().add(why);
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
        List<RunningCulvert> all = search().running();
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

    private AttachException nobody() {
        return new AttachException(
                Kind.NOT_RUNNING, "no culvert is running here: no control socket in " + places());
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
                .map(c -> c + " (" + String.join(", ", c.tunnels()) + ")")
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
                                        + " cannot be read: it is for root and for the user that"
                                        + " runs culvert run there",
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
