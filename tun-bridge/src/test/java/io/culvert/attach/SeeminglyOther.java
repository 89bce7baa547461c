package io.culvert.attach;

import io.culvert.run.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Processes as far as a client can see: each has a control socket in a directory of its own. They
 * all have this process's number.
 */
public final class SeeminglyOther implements AutoCloseable {
    public static final long PID = ProcessHandle.current().pid();

    private final List<ControlSocket> sockets = new ArrayList<>();

    /** Runs one that answers so to who asks for its tunnels. */
    public void run(Path directory, RequestHandler greeting) {
        sockets.add(
                ControlSocket.start(
                        new RuntimeDirectory(List.of(directory)),
                        () -> Map.of(AttachClient.TUNNELS, greeting)));
        Eventually.isTrue(
                "the socket is there", () -> Files.exists(directory.resolve(PID + ".sock")));
    }

    /** Runs one that has tunnels. */
    public void run(Path directory, String networkNamespace, List<Map<String, ?>> tunnels) {
        run(
                directory,
                (request, response) ->
                        response.answer(
                                Map.of(
                                        AttachClient.NETWORK_NAMESPACE,
                                        networkNamespace,
                                        AttachClient.TUNNEL_LIST,
                                        tunnels)));
    }

    @Override
    public void close() {
        sockets.forEach(ControlSocket::close);
    }
}
