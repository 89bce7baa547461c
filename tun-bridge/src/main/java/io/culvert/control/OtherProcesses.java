package io.culvert.control;

import io.culvert.attach.AttachClient;
import io.culvert.attach.RunningCulvert;
import io.culvert.attach.RuntimeDirectory;
import io.culvert.spec.TunnelSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Other processes of Culvert in this network namespace. The kernel gives a raw socket a copy of
 * every packet, so a tunnel that two processes have receives each packet twice, and neither of them
 * notices.
 */
public final class OtherProcesses {
    private static final System.Logger LOG = System.getLogger("culvert");
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private OtherProcesses() {}

    /**
     * Leaves out tunnels that another process has, with a line for each. Takes a second at most:
     * who does not answer by then, or has no control socket, is not known to have any.
     *
     * @param where directories of control sockets
     * @return the others
     * @throws TunnelException that names the other process and its tunnel, when none is left
     */
    public static List<TunnelConfig> withoutTheirs(
            RuntimeDirectory where, List<TunnelConfig> configs) throws TunnelException {
        return withoutTheirs(where, configs, PATIENCE);
    }

    static List<TunnelConfig> withoutTheirs(
            RuntimeDirectory where, List<TunnelConfig> configs, Duration patience)
            throws TunnelException {
        String here = AttachClient.networkNamespace();
        if (here.isEmpty()) { // then nobody can tell who shares packets with us
            return configs;
        }
        Map<TunnelConfig, String> refused = new LinkedHashMap<>();
        for (RunningCulvert other : new AttachClient(where).runningWithin(patience)) {
            if (other.networkNamespace().equals(here)) {
                addTheSame(other, configs, refused);
            }
        }
        if (refused.size() == configs.size()) {
            throw new TunnelException(
                    TunnelException.Kind.FAILED, refused.values().iterator().next());
        }
        refused.values()
                .forEach(
                        line ->
                                LOG.log(
                                        System.Logger.Level.INFO,
                                        line + "; it is left out, the others run"));
        return configs.stream().filter(config -> !refused.containsKey(config)).toList();
    }

    private static void addTheSame(
            RunningCulvert other, List<TunnelConfig> configs, Map<TunnelConfig, String> refused) {
        for (List<String> words : other.tunnelWords().values()) {
            TunnelSpec theirs = spec(words);
            for (TunnelConfig config : configs) {
                if (theirs != null && TunnelConfig.receiveTheSame(config.spec(), theirs)) {
                    refused.putIfAbsent(
                            config,
                            String.format(
                                    "%s would receive the same packets as %s of pid %d: same mode,"
                                            + " remote, local, key and dev; end that process, or"
                                            + " tell the tunnels apart, by key for example",
                                    config.spec().name(), theirs.name(), other.pid()));
                }
            }
        }
    }

    /** Null when another version of Culvert describes it by words that are not known here. */
    private static TunnelSpec spec(List<String> words) {
        try {
            return TunnelWords.parse(words).spec();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
