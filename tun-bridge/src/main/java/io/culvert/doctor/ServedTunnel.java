package io.culvert.doctor;

import io.culvert.control.TunnelConfig;
import java.util.List;

/**
 * A tunnel that a process of Culvert runs in this network namespace.
 *
 * @param config what it is
 * @param pid of the process
 * @param companions the names of the other tunnels that the process runs
 */
public record ServedTunnel(TunnelConfig config, long pid, List<String> companions) {

    /** Copies the names. */
    public ServedTunnel {
        companions = List.copyOf(companions);
    }

    String name() {
        return config.spec().name();
    }
}
