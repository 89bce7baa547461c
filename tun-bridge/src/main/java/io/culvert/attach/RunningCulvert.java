package io.culvert.attach;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process that runs tunnels, as its control socket tells.
 *
 * @param pid its number, in its own PID namespace
 * @param socket where it is reached
 * @param networkNamespace what {@code /proc/PID/ns/net} links to, for example {@code
 *     net:[4026531840]}
 * @param tunnelWords by the names of its tunnels, in their order, the words that describe each
 */
public record RunningCulvert(
        long pid, Path socket, String networkNamespace, Map<String, List<String>> tunnelWords) {

    /** Copies the names and the words. */
    public RunningCulvert {
        tunnelWords = Collections.unmodifiableMap(new LinkedHashMap<>(tunnelWords));
    }

    /** The names of its tunnels. */
    public List<String> tunnels() {
        return List.copyOf(tunnelWords.keySet());
    }

    /**
     * Connects to it.
     *
     * @throws AttachException when it has ended, or does not let us in
     */
    public Attachment attach() throws AttachException {
        return Attachment.to(socket);
    }

    /** The process and its network namespace in words, for example {@code pid 4711 in netns a}. */
    @Override
    public String toString() {
        return "pid " + pid + " in " + NamespaceName.of(networkNamespace);
    }
}
