package io.culvert.cli;

import io.culvert.attach.AttachClient;
import io.culvert.attach.AttachException;
import io.culvert.attach.Attachment;
import io.culvert.attach.RunningCulvert;
import io.culvert.attach.RuntimeDirectory;
import io.culvert.device.UnderlayKind;
import io.culvert.packet.DropReason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A tunnel that runs, asked of the process that runs it.
 *
 * @param culvert the process
 * @param name the tunnel's
 */
record RunningTunnel(RunningCulvert culvert, String name) {

    /**
     * Finds the process.
     *
     * @param where directories of control sockets
     * @param pid of the process, or null
     * @throws AttachException when it does not run, or not in this network namespace
     */
    static RunningTunnel find(RuntimeDirectory where, String name, Long pid)
            throws AttachException {
        RunningCulvert culvert = new AttachClient(where).find(name, pid);
        if (!culvert.networkNamespace().equals(AttachClient.networkNamespace())) {
            throw new AttachException(
                    AttachException.Kind.FAILED,
                    "%s is in another network namespace, where it must be examined: nsenter -t %d -n culvert doctor %1$s"
                            .formatted(name, culvert.pid()));
        }
        return new RunningTunnel(culvert, name);
    }

    /** The words that describe it. */
    List<String> words() throws AttachException {
        if (ask(AttachClient.TUNNELS).get(AttachClient.WORDS) instanceof List<?> words) {
            return words.stream().map(String::valueOf).toList();
        }
        throw new AttachException(
                AttachException.Kind.FAILED, "pid " + culvert.pid() + " does not describe " + name);
    }

    /** Whether its outer packets go beside the host's IP, and so round its firewall. */
    boolean passesHostIpBy() throws AttachException {
        return UnderlayKind.PACKET
                .word()
                .equals(ask(AttachClient.TUNNELS).get(AttachClient.UNDERLAY));
    }

    /** What it has dropped so far; nothing when its process does not answer any more. */
    Map<DropReason, Long> drops() {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        try {
            if (ask("stats").get("drops") instanceof List<?> list) {
                for (Object one : list) {
                    add(one, drops);
                }
            }
        } catch (AttachException e) {
            return Map.of();
        }
        return drops;
    }

    private static void add(Object drop, Map<DropReason, Long> drops) {
        for (DropReason reason : DropReason.values()) {
            if (drop instanceof Map<?, ?> map
                    && reason.label().equals(map.get("reason"))
                    && map.get("packets") instanceof Number packets) {
                drops.put(reason, packets.longValue());
            }
        }
    }

    /** What the process answers about this tunnel. */
    private Map<?, ?> ask(String verb) throws AttachException {
        try (Attachment attachment = culvert.attach()) {
            Map<String, Object> answer = attachment.ask(verb, Map.of());
            if (answer.get("tunnels") instanceof List<?> tunnels) {
                for (Object one : tunnels) {
                    if (one instanceof Map<?, ?> map && name.equals(map.get(AttachClient.NAME))) {
                        return map;
                    }
                }
            }
        }
        return Map.of();
    }
}
