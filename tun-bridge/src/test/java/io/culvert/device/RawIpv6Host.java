package io.culvert.device;

import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NetworkNamespace;
import io.culvert.tunnel.OuterError;
import java.util.Arrays;
import java.util.List;

/** A network namespace for raw IPv6 sockets: what they send over its loopback device comes back. */
final class RawIpv6Host implements AutoCloseable {
    static final String OURS = "2001:db8::1";
    static final String THEIRS = "2001:db8::2";
    static final OuterProtocol GRE = OuterProtocol.overIpv6(Packets.GRE);

    private final NetworkNamespace namespace = NetworkNamespace.create("raw6");

    RawIpv6Host() {
        namespace.address("lo", OURS + "/128");
        namespace.address("lo", THEIRS + "/128");
        namespace.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv6/icmp/ratelimit");
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    RawIpSocket open(RawIpOptions options) throws Exception {
        return open(GRE, options);
    }

    RawIpSocket open(OuterProtocol protocol, RawIpOptions options) throws Exception {
        return NamespaceThread.call(namespace, () -> RawIpSocket.open(protocol, options));
    }

    /** A packet that comes back. */
    static byte[] gre(String payload) {
        return Packets.ipv6(Packets.GRE, OURS, THEIRS, payload);
    }

    static byte[] greTo(String destination) {
        return Packets.ipv6(Packets.GRE, OURS, destination, "x");
    }

    static PacketBatch batchOf(byte[]... packets) {
        int longest = Arrays.stream(packets).mapToInt(packet -> packet.length).max().orElse(1);
        PacketBatch batch = Packets.batch(packets.length, Math.max(2048, longest));
        for (byte[] packet : packets) {
            Packets.append(batch, packet);
        }
        return batch;
    }

    /**
     * Reads what was sent, and waits for it: on a busy machine the loopback device delivers a
     * little later.
     *
     * @return how many packets came, as many as expected or fewer after five seconds
     */
    static int read(RawIpSocket socket, PacketBatch batch, int expected) {
        int read = 0;
        for (Deadline wait = new Deadline(); read < expected && !wait.isOver(); ) {
            read += socket.readBatch(batch);
        }
        return read;
    }

    /** The same for errors; their list tells what they are. */
    static int drain(RawIpSocket socket, List<OuterError> errors, int expected) {
        int taken = 0;
        for (Deadline wait = new Deadline(); taken < expected && !wait.isOver(); ) {
            taken += socket.errorQueue().drain(expected - taken, errors::add);
        }
        return taken;
    }

    private static final class Deadline {
        private final long startNanos = System.nanoTime();

        boolean isOver() {
            Thread.onSpinWait();
            return System.nanoTime() - startNanos > 5_000_000_000L;
        }
    }

    @Override
    public void close() {
        namespace.close();
    }
}
