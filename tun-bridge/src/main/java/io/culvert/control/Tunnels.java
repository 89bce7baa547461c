package io.culvert.control;

import io.culvert.channel.LaneOptions;
import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import java.util.List;

/** Opens tunnels on this host. */
public final class Tunnels {
    private Tunnels() {}

    /** See {@link RunningTunnels.Opener#open}. */
    public static RunningTunnels open(List<TunnelConfig> configs, LaneOptions options)
            throws TunnelException {
        HostTunnels tunnels = null;
        try {
            tunnels = HostTunnels.prepare(options, configs);
            tunnels.open(configs);
            HostTunnels opened = tunnels;
            tunnels = null;
            return opened;
        } catch (LinuxException e) {
            throw new TunnelException(kind(e), e.getMessage(), e);
        } catch (IllegalStateException | UnsatisfiedLinkError e) {
            throw new TunnelException(TunnelException.Kind.UNAVAILABLE, e.getMessage(), e);
        } finally {
            if (tunnels != null) {
                tunnels.close();
            }
        }
    }

    private static TunnelException.Kind kind(LinuxException e) {
        return switch (e.errno()) {
            case Errno.EPERM, Errno.EACCES -> TunnelException.Kind.NO_PERMISSION;
            case Errno.ENOENT, Errno.ENXIO, Errno.EPROTONOSUPPORT, Errno.EAFNOSUPPORT ->
                    TunnelException.Kind.UNAVAILABLE;
            default -> TunnelException.Kind.FAILED;
        };
    }
}
