package io.culvert.attach;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** One client of the control socket, on a thread of its own: request after request. */
final class Connection implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("culvert");

    /** Who connects has something to ask; who has asked may ask again after a while. */
    private static final Duration FIRST_REQUEST = Duration.ofSeconds(10);

    private static final Duration NEXT_REQUEST = Duration.ofHours(2);

    private final ControlChannel channel;
    private final String objection;
    private final Map<String, RequestHandler> handlers;
    private final Consumer<Connection> onEnd;
    private final Thread thread = new Thread(this::serve, "culvert-control-client");

    /**
     * @param objection why no request is answered, or null
     * @param onEnd is told when the connection has ended
     */
    Connection(
            ControlChannel channel,
            String objection,
            Map<String, RequestHandler> handlers,
            Consumer<Connection> onEnd) {
        this.channel = channel;
        this.objection = objection;
        this.handlers = handlers;
        this.onEnd = onEnd;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        channel.close();
    }

    private void serve() {
        try (channel) {
            answerAll();
        } catch (SocketTimeoutException e) {
            LOG.log(
                    Level.INFO,
                    "cut off a client of the control socket: "
                            + e.getMessage()
                            + " for "
                            + Response.PATIENCE.toSeconds()
                            + " seconds");
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a client of the control socket is gone", e);
        } finally {
            onEnd.accept(this);
        }
    }

    private void answerAll() throws IOException {
        Duration patience = FIRST_REQUEST;
        boolean isOpen = true;
        while (isOpen) {
            String line = nextRequest(patience);
            isOpen = line != null && answer(line);
            patience = NEXT_REQUEST;
        }
    }

    private String nextRequest(Duration patience) throws IOException {
        try {
            return channel.readLine(Protocol.MOST_REQUEST_BYTES, patience);
        } catch (ProtocolException e) {
            new Response(channel).refuse("the request is " + e.getMessage());
            return null;
        } catch (SocketTimeoutException e) { // who keeps silent needs no line in the log
            throw new IOException(e);
        }
    }

    /** Whether the connection stays open. */
    private boolean answer(String line) throws IOException {
        Response response = new Response(channel);
        try {
            if (objection != null) {
                throw new RequestException(objection);
            }
            Request request = Request.parse(line);
            handler(request.verb()).handle(request, response);
            return response.finish();
        } catch (RequestException e) {
            if (!response.isOpen()) {
                throw new IOException("a handler refused after it had begun to answer", e);
            }
            response.refuse(e.getMessage());
            return objection == null;
        } catch (RuntimeException e) {
            LOG.log(Level.INFO, "a bug of the control socket, please report it: " + e);
            LOG.log(Level.DEBUG, "a bug of the control socket", e);
            if (response.isOpen()) {
                response.refuse("a bug of culvert: " + e);
            }
            return false;
        }
    }

    private RequestHandler handler(String verb) throws RequestException {
        RequestHandler handler = handlers.get(verb);
        if (handler == null) {
            throw new RequestException(
                    "this culvert has no verb \"%s\", only %s"
                            .formatted(verb, String.join(", ", new TreeSet<>(handlers.keySet()))));
        }
        return handler;
    }
}
