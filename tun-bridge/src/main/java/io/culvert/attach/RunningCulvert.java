package io.culvert.attach;

import java.nio.file.Path;
import java.util.List;

/**
 * A process that runs tunnels, as its control socket tells.
 *
 * @param pid its number, in its own PID namespace
 * @param socket where it is reached
 * @param networkNamespace what {@code /proc/PID/ns/net} links to, for example {@code
 *     net:[4026531840]}
 * @param tunnels the names of its tunnels
 */
public record RunningCulvert(long pid, Path socket, String networkNamespace, List<String> tunnels) {

    /** Copies the names. */
    public RunningCulvert {
        tunnels = List.copyOf(tunnels);
    }

    /**
     * Connects to it.
     *
     * @throws AttachException when it has ended, or does not let us in
     */
    public Attachment attach() throws AttachException {
        return Attachment.to(socket);
    }
}
