package io.culvert.control;

import io.culvert.attach.AttachClient;
import io.culvert.attach.RunningCulvert;
import io.culvert.attach.RuntimeDirectory;
import io.culvert.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.List;

/**
 * Other processes of Culvert in this network namespace. The kernel gives a raw socket a copy of
 * every packet, so a tunnel that two processes have receives each packet twice, and neither of them
 * notices.
 */
public final class OtherProcesses {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private OtherProcesses() {}

    /**
     * Refuses a tunnel that another process has. Takes a second at most: who does not answer by
     * then, or has no control socket, is not known to have it.
     *
     * @param where directories of control sockets
     * @throws TunnelException that names the other process and its tunnel
     */
    public static void refuseTheSame(RuntimeDirectory where, List<TunnelConfig> configs)
            throws TunnelException {
        refuseTheSame(where, configs, PATIENCE);
    }

    static void refuseTheSame(RuntimeDirectory where, List<TunnelConfig> configs, Duration patience)
            throws TunnelException {
        String here = AttachClient.networkNamespace();
        if (here.isEmpty()) { // then nobody can tell who shares packets with us
            return;
        }
        for (RunningCulvert other : new AttachClient(where).runningWithin(patience)) {
            if (other.networkNamespace().equals(here)) {
                refuseTheSame(other, configs);
            }
        }
    }

    private static void refuseTheSame(RunningCulvert other, List<TunnelConfig> configs)
            throws TunnelException {
        for (List<String> words : other.tunnelWords().values()) {
            TunnelSpec theirs = spec(words);
            for (TunnelConfig config : configs) {
                if (theirs != null && TunnelConfig.receiveTheSame(config.spec(), theirs)) {
                    throw new TunnelException(
                            TunnelException.Kind.FAILED,
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
