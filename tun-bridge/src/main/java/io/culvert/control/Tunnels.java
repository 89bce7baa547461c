package io.culvert.control;

import io.culvert.channel.LaneOptions;
import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import io.culvert.linux.OpenFiles;
import java.util.List;
import java.util.stream.Collectors;

/** Opens tunnels on this host. */
public final class Tunnels {
    /** Of a lane: its sockets of one protocol, those that send by one device among them. */
    private static final int DESCRIPTORS_PER_PROTOCOL = 4;

    /** Of event loops, netlink, the control socket and its clients. */
    private static final int FURTHER_DESCRIPTORS = 32;

    private Tunnels() {}

    /** See {@link RunningTunnels.Opener#open}. */
    public static RunningTunnels open(List<TunnelConfig> configs, LaneOptions options)
            throws TunnelException {
        HostTunnels tunnels = null;
        try {
            refuseTooFewOpenFiles(configs, options.lanes());
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

    /**
     * Refuses before anything is open what would run out of descriptors: a JVM that has none left
     * cannot even load the classes that would say so.
     */
    private static void refuseTooFewOpenFiles(List<TunnelConfig> configs, int lanes)
            throws TunnelException {
        int protocols =
                configs.stream()
                        .flatMap(config -> config.spec().outerProtocols().stream())
                        .collect(Collectors.toSet())
                        .size();
        long needed =
                OpenFiles.open()
                        + (long) lanes * configs.size()
                        + (long) lanes * protocols * DESCRIPTORS_PER_PROTOCOL
                        + FURTHER_DESCRIPTORS;
        long limit = OpenFiles.limit();
        if (limit >= 0 && limit < needed) {
            throw new TunnelException(
                    TunnelException.Kind.FAILED,
                    ("%s and --lanes %d take %d open files, and this process may have %d:"
                                    + " ulimit -n %d, or LimitNOFILE=%d of its systemd unit")
                            .formatted(
                                    configs.size() == 1 ? "a tunnel" : configs.size() + " tunnels",
                                    lanes,
                                    needed,
                                    limit,
                                    needed,
                                    needed));
        }
    }

    private static TunnelException.Kind kind(LinuxException e) {
        return switch (e.errno()) {
            case Errno.EPERM, Errno.EACCES -> TunnelException.Kind.NO_PERMISSION;
            case Errno.ENOENT,
                    Errno.ENOTDIR,
                    Errno.EISDIR,
                    Errno.ENOTTY,
                    Errno.ENXIO,
                    Errno.EPROTONOSUPPORT,
                    Errno.EAFNOSUPPORT ->
                    TunnelException.Kind.UNAVAILABLE;
            default -> TunnelException.Kind.FAILED;
        };
    }
}
