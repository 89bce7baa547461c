package io.culvert.doctor.peer;

import io.culvert.control.InterfaceAddress;
import io.culvert.device.OuterProtocol;
import io.culvert.device.RawIpOptions;
import io.culvert.device.RawIpSocket;
import io.culvert.doctor.Finding;
import io.culvert.doctor.Rerun;
import io.culvert.linux.NativeMemory;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpProtocol;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Examines the peer and the way to it: through the tunnel's device where there is one, otherwise by
 * packets that are made as the tunnel would make them.
 *
 * @param spec the tunnel
 * @param protocols its outer protocols
 * @param device its device; {@code null} when it does not run
 * @param route the way to the remote, which is reachable
 * @param innerAddresses the addresses that its device has or is to have
 * @param innerMtu the device's MTU, in bytes
 * @param innerPeer the address to ping through the tunnel; {@code null} to derive it
 * @param hops devices among which the kernel chooses for the outer packets; none without a choice
 * @param others the other tunnels that run here, whose packets are not this one's
 * @param rerun the commands that run the tunnel in another way
 */
public record PeerExamination(
        TunnelSpec spec,
        List<Integer> protocols,
        Link device,
        RouteAnswer route,
        List<InterfaceAddress> innerAddresses,
        int innerMtu,
        InetAddress innerPeer,
        List<Integer> hops,
        List<TunnelSpec> others,
        Rerun rerun) {
    /** The id of a tunnel that does not send. */
    public static final String NOTHING_SENT = "nothing-sent";

    /**
     * Watches and asks for so long, or until all is clear.
     *
     * @param total at most so long, without measuring the MTU
     * @param cloud what is known of this cloud, by protocol
     * @throws io.culvert.linux.LinuxException when the kernel refuses a socket
     */
    public List<Finding> run(Duration total, CloudAdvice cloud) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int identifier = random.nextInt(1 << 16);
        long drawn = random.nextLong();
        InetAddress outerSource = route.preferredSource();
        InnerEcho plainEcho = new InnerEcho(outerSource, spec.remote(), identifier ^ 1, drawn);
        InnerEcho echo = echo(identifier, drawn).orElse(null);
        Sightings sightings = new Sightings(protocols, underlays(), echo, plainEcho);
        // The tap last: what this host answered before it had somebody for the protocol is no news.
        try (Injector tunnel = tunnel();
                Injector aside = new PlainInjector();
                PacketTap tap = PacketTap.open()) {
            boolean canMeasure = spec.outer().pmtudisc() && echo != null && !isGuess(echo);
            Observation seen =
                    new Probe(tap, tunnel, aside, echo, plainEcho, sightings, total)
                            .run(canMeasure ? innerMtu : 0);
            return new PeerFindings(this, echo, seen, cloud).all();
        }
    }

    private Set<Integer> underlays() {
        Set<Integer> underlays = new HashSet<>(hops);
        underlays.add(route.outIndex());
        return underlays;
    }

    /** The address of this host that the peer has to send to, as far as this host knows. */
    Inet4Address ours() {
        return (Inet4Address) (spec.local() != null ? spec.local() : route.preferredSource());
    }

    /** What is known of a cloud's network. */
    public interface CloudAdvice {
        /** What to open there for an IP protocol. */
        String advice(int protocol);
    }

    private Injector tunnel() {
        return device != null
                ? new DeviceInjector(device.index())
                : new OuterInjector(spec, protocols, 0);
    }

    /** Asks the peer by its address inside the tunnel, or by its outer one where none is known. */
    private Optional<InnerEcho> echo(int identifier, long drawn) {
        for (InterfaceAddress address : innerAddresses) {
            InetAddress own = address.address();
            InetAddress peer = innerPeer != null ? innerPeer : address.otherEnd();
            if (peer != null && isSameVersion(own, peer)) {
                return Optional.of(new InnerEcho(own, peer, identifier, drawn));
            }
        }
        return spec.payload().carries(4)
                ? Optional.of(
                        new InnerEcho(route.preferredSource(), spec.remote(), identifier, drawn))
                : Optional.empty();
    }

    /**
     * Whether the peer is asked by its outer address, because none inside is known. Its answer
     * comes outside of the tunnel, if it forwards at all.
     */
    boolean isGuess(InnerEcho echo) {
        return echo == null || echo.to().equals(spec.remote());
    }

    private static boolean isSameVersion(InetAddress one, InetAddress other) {
        return one.getAddress().length == other.getAddress().length;
    }

    /** Sends whole packets beside the tunnel. */
    private static final class PlainInjector implements Injector {
        private final RawIpSocket socket =
                RawIpSocket.open(
                        OuterProtocol.overIpv4(IpProtocol.ICMP),
                        new RawIpOptions(1 << 12, 1 << 16, false, 1));
        private final PacketBatch batch =
                new BatchPool(1, 1, 2048, NativeMemory::addressOf).acquire();

        @Override
        public String send(ByteBuffer packet) {
            batch.clear();
            batch.memory().put(batch.nextPacketAt(), packet, 0, packet.limit());
            batch.append(packet.limit());
            socket.writeBatch(batch, 0);
            return batch.isLive(0) ? "" : batch.dropReason(0).description();
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
