package io.culvert.device;

import io.culvert.linux.Capability;
import io.culvert.linux.LinuxSocket;

/** Gives sockets the room for packets that they need. */
final class SocketBuffers {
    private static final System.Logger LOG = System.getLogger(SocketBuffers.class.getName());

    private SocketBuffers() {}

    /** Without CAP_NET_ADMIN the system's limit holds. */
    static void growSendBuffer(LinuxSocket socket, int wantedBytes) {
        int level = LinuxSocket.SOL_SOCKET;
        if (!socket.tryOption(level, LinuxSocket.SO_SNDBUFFORCE, wantedBytes)) {
            socket.option(level, LinuxSocket.SO_SNDBUF, wantedBytes, "SO_SNDBUF");
        }
    }

    /**
     * Without CAP_NET_ADMIN the system's limit holds, which is 208 KiB unless somebody raised it.
     *
     * @return bytes that were granted, in the unit in which they were asked for
     */
    static int growReceiveBuffer(LinuxSocket socket, int wantedBytes) {
        int level = LinuxSocket.SOL_SOCKET;
        if (!socket.tryOption(level, LinuxSocket.SO_RCVBUFFORCE, wantedBytes)) {
            socket.option(level, LinuxSocket.SO_RCVBUF, wantedBytes, "SO_RCVBUF");
        }
        // The kernel doubles what is asked, for its overhead, and reports the double.
        int gotBytes = socket.option(level, LinuxSocket.SO_RCVBUF, "SO_RCVBUF") / 2;
        if (gotBytes < wantedBytes) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "the {0} can hold {1} bytes, not {2}: bursts may be lost; {3}sysctl -w"
                            + " net.core.rmem_max={2} on the host",
                    socket,
                    Integer.toString(gotBytes),
                    Integer.toString(wantedBytes),
                    // the kernel heeds the capability of the first user namespace alone
                    Capability.NET_ADMIN.isHeld() ? "" : "grant CAP_NET_ADMIN, or: ");
        }
        return gotBytes;
    }
}
