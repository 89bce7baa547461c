package io.culvert.device;

import io.culvert.linux.LinuxSocket;
import java.util.List;

/**
 * Devices that are joined in pairs in the kernel's memory, without an interface or a protocol: what
 * one end writes, the other reads.
 */
public final class LocalPair {
    private static final TunOffloads ALL_OFFLOADS = new TunOffloads(true, true, true, true, "");

    /** Room for what a batch can hold, which the system's default is not. */
    private static final int SEND_BUFFER_BYTES = 4 << 20;

    private LocalPair() {}

    /**
     * A TUN device with offload and, at the other end, the host behind it.
     *
     * @param tunnelIndex index in its lane of the tunnel that the packets belong to
     * @throws io.culvert.linux.LinuxException when there is no socket to be had
     */
    public static List<TunDevice> tunDevices(int tunnelIndex) {
        return sockets("local TUN device").stream()
                .map(socket -> new TunQueue(socket.fd(), socket.toString(), false, ALL_OFFLOADS))
                .map(queue -> new TunDevice(queue, 0, tunnelIndex))
                .toList();
    }

    /**
     * Two ends of a wire. The kernel fills nothing in: headers arrive as they were written.
     *
     * @throws io.culvert.linux.LinuxException when there is no socket to be had
     */
    public static List<RawIpSocket> rawIpSockets() {
        return sockets("local wire").stream().map(RawIpSocket::overLocal).toList();
    }

    private static List<LinuxSocket> sockets(String name) {
        List<LinuxSocket> sockets = LinuxSocket.localPair(name);
        for (LinuxSocket socket : sockets) {
            socket.tryOption(LinuxSocket.SOL_SOCKET, LinuxSocket.SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
        }
        return sockets;
    }
}
