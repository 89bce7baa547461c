package io.culvert.device;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NetworkNamespace;
import java.util.Arrays;

/** A network namespace for raw sockets: what they send over its loopback device, they receive. */
final class RawIpHost implements AutoCloseable {
    static final String OURS = "127.0.0.1";
    static final String THEIRS = "127.0.0.2";
    static final int LOOPBACK_INDEX = 1; // linux/net_namespace.h: LOOPBACK_IFINDEX

    private final NetworkNamespace namespace = NetworkNamespace.create("raw");

    NetworkNamespace namespace() {
        return namespace;
    }

    RawIpSocket open(RawIpOptions options) throws Exception {
        return open(Packets.GRE, options);
    }

    RawIpSocket open(int protocol, RawIpOptions options) throws Exception {
        return NamespaceThread.call(
                namespace, () -> RawIpSocket.open(OuterProtocol.overIpv4(protocol), options));
    }

    /** A packet that comes back. */
    static byte[] gre(String payload) {
        return Packets.ipv4(Packets.GRE, OURS, THEIRS, payload);
    }

    static byte[] greTo(String destination) {
        return Packets.ipv4(Packets.GRE, "0.0.0.0", destination, "x");
    }

    static DropReason[] reasons(PacketBatch batch) {
        DropReason[] reasons = new DropReason[batch.size()];
        Arrays.setAll(reasons, batch::dropReason);
        return reasons;
    }

    static int index(NetworkNamespace namespace, String device) {
        return Integer.parseInt(
                namespace.run("cat /sys/class/net/" + device + "/ifindex").stdout().strip());
    }

    @Override
    public void close() {
        namespace.close();
    }
}
