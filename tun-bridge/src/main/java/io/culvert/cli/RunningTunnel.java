package io.culvert.cli;

import io.culvert.attach.AttachClient;
import io.culvert.attach.AttachException;
import io.culvert.attach.Attachment;
import io.culvert.attach.RunningCulvert;
import io.culvert.attach.RuntimeDirectory;
import java.util.List;
import java.util.Map;

/** The words of a tunnel that runs, asked of the process that runs it. */
final class RunningWords {
    private RunningWords() {}

    /**
     * Asks for them.
     *
     * @param where directories of control sockets
     * @param tunnel its name
     * @param pid of its process, or null
     * @throws AttachException when it does not run, or not in this network namespace
     */
    static List<String> of(RuntimeDirectory where, String tunnel, Long pid) throws AttachException {
        RunningCulvert culvert = new AttachClient(where).find(tunnel, pid);
        if (!culvert.networkNamespace().equals(AttachClient.networkNamespace())) {
            throw new AttachException(
                    AttachException.Kind.FAILED,
                    "%s is in another network namespace, and so must be who looks at it: nsenter -t %d -n culvert doctor %1$s"
                            .formatted(tunnel, culvert.pid()));
        }
        try (Attachment attachment = culvert.attach()) {
            Map<String, Object> answer = attachment.ask(AttachClient.TUNNELS, Map.of());
            if (answer.get(AttachClient.TUNNEL_LIST) instanceof List<?> tunnels) {
                for (Object one : tunnels) {
                    if (one instanceof Map<?, ?> map
                            && tunnel.equals(map.get(AttachClient.NAME))
                            && map.get(AttachClient.WORDS) instanceof List<?> words) {
                        return words.stream().map(String::valueOf).toList();
                    }
                }
            }
        }
        throw new AttachException(
                AttachException.Kind.FAILED,
                "pid " + culvert.pid() + " does not describe " + tunnel);
    }
}
