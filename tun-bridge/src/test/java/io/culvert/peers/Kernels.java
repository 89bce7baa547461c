package io.culvert.peers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.linux.LinuxSocket;

/** What some tests ask of the kernel, and not every kernel has. */
public final class Kernels {
    private Kernels() {}

    /** Skips a test of IPsec policies that name a protocol and are for what raw sockets send. */
    public static void assumePacketsStateTheirProtocol() {
        try (LinuxSocket socket =
                LinuxSocket.open(LinuxSocket.AF_INET, LinuxSocket.SOCK_DGRAM, 0, "UDP socket")) {
            assumeTrue(
                    socket.knowsOption(LinuxSocket.SOL_IP, LinuxSocket.IP_PROTOCOL),
                    "before Linux 6.4 raw sockets cannot say what protocol a packet is of");
        }
    }
}
