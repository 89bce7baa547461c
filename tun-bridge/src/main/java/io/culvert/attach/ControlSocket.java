package io.culvert.attach;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The control socket of this process: made on a thread of its own, so that no tunnel waits for it,
 * and gone when it is closed. Where it cannot be made, one line says so, and that is all.
 *
 * <p>Each client has a thread. None of them ever waits for a lane or makes one wait; a client that
 * does not read is cut off.
 */
public final class ControlSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("culvert");
    private static final int MOST_CLIENTS = 16;
    private static final long CLOSE_PATIENCE_MILLIS = 1000;

    private final RuntimeDirectory where;
    private final Supplier<Map<String, RequestHandler>> verbs;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Thread thread = new Thread(this::serve, "culvert-control");
    private SocketFile file;
    private boolean isClosed;

    private ControlSocket(RuntimeDirectory where, Supplier<Map<String, RequestHandler>> verbs) {
        this.where = where;
        this.verbs = verbs;
        thread.setDaemon(true);
    }

    /**
     * Begins to make the socket and returns at once.
     *
     * @param verbs gives, when asked by the socket's thread, who answers which verb
     */
    public static ControlSocket start(
            RuntimeDirectory where, Supplier<Map<String, RequestHandler>> verbs) {
        ControlSocket socket = new ControlSocket(where, verbs);
        socket.thread.start();
        return socket;
    }

    /** Takes the socket away and ends all connections. */
    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
            remove();
        }
        connections.forEach(Connection::close);
        try {
            thread.join(CLOSE_PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        try {
            SocketFile made = create();
            synchronized (this) {
                file = made;
                if (isClosed) {
                    remove();
                    return;
                }
            }
            acceptAll(made);
        } catch (IOException | RuntimeException e) {
            synchronized (this) {
                if (!isClosed) {
                    LOG.log(
                            Level.INFO,
                            "no control socket, so culvert stats and trace cannot attach: "
                                    + sentence(e)
                                    + " (run --control DIR to have it elsewhere)");
                    remove();
                }
            }
        }
    }

    private void acceptAll(SocketFile made) throws IOException {
        Peers peers = new Peers(made.owner());
        Map<String, RequestHandler> handlers = Map.copyOf(verbs.get());
        try {
            while (true) {
                accept(made.listener().accept(), peers, handlers);
            }
        } catch (ClosedChannelException e) {
            LOG.log(Level.DEBUG, "the control socket is closed");
        }
    }

    private void accept(SocketChannel client, Peers peers, Map<String, RequestHandler> handlers) {
        try {
            String objection = peers.objection(client);
            if (objection == null && connections.size() >= MOST_CLIENTS) {
                objection = MOST_CLIENTS + " clients are attached already";
            }
            Connection connection =
                    new Connection(
                            new ControlChannel(client), objection, handlers, connections::remove);
            connections.add(connection);
            connection.start();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a client has gone before it was heard", e);
        }
    }

    private SocketFile create() throws IOException {
        long pid = ProcessHandle.current().pid();
        List<String> failures = new ArrayList<>();
        for (Path directory : where.candidates()) {
            try {
                return SocketFile.create(directory, pid);
            } catch (IOException | RuntimeException e) {
                failures.add(sentence(e));
            }
        }
        throw new IOException(String.join("; ", failures));
    }

    private void remove() {
        if (file == null) {
            return;
        }
        try {
            file.remove();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot remove the control socket", e);
        }
        file = null;
    }

    /** The names of Java's exceptions about files say what their messages do not. */
    private static String sentence(Exception e) {
        if (e instanceof java.nio.file.AccessDeniedException denied) {
            return "permission denied: " + denied.getFile();
        }
        if (e instanceof java.nio.file.NoSuchFileException missing) {
            return "no such directory to make it in: " + missing.getFile();
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
