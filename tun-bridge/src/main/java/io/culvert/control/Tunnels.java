package io.culvert.control;

import java.util.List;

/** Opens tunnels on this host. */
public final class Tunnels {
    private Tunnels() {}

    /** See {@link RunningTunnels.Opener#open}. */
    public static RunningTunnels open(List<TunnelConfig> configs) throws TunnelException {
        throw new TunnelException(
                TunnelException.Kind.UNAVAILABLE,
                "cannot open " + configs.get(0).spec().name() + ": this build has no data path");
    }
}
