package io.culvert.control;

import io.culvert.channel.Lane;
import io.culvert.device.TunDevice;
import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpPrefix;
import io.culvert.observe.LatencyCounts;
import io.culvert.observe.LatencyRecorder;
import io.culvert.pipeline.TunnelPort;
import io.culvert.spec.KeepaliveSpec;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.EchoProbe;
import io.culvert.tunnel.GreProbe;
import io.culvert.tunnel.Ipv4EchoProbe;
import io.culvert.tunnel.Ipv6EchoProbe;
import io.culvert.tunnel.PeerHealth;
import io.culvert.tunnel.PeerWatch;
import io.culvert.wire.IpVersion;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A tunnel's keepalives while it runs: has one lane send them and all take their answers, says in
 * one line when the peer is gone or back, and has the device's carrier follow if that was asked
 * for.
 */
final class PeerKeepalive {
    private static final System.Logger LOG = System.getLogger("culvert");
    private static final double NANOS_PER_SECOND = 1e9;

    private final TunnelSpec spec;
    private final TunDevice device;
    private final PeerWatch watch;
    private final GreProbe greProbe;
    private final LatencyRecorder roundTrips = new LatencyRecorder();
    private PeerHealth.State saidState = PeerHealth.State.UNKNOWN;
    private long goneNanos;
    private boolean hasCarrier;

    private PeerKeepalive(TunnelSpec spec, TunDevice device) {
        this.spec = spec;
        this.device = device;
        this.watch = new PeerWatch(spec.device().keepalive(), System.nanoTime());
        this.greProbe =
                spec.hasGreKeepalives() ? new GreProbe(spec.gre(), (OuterIpv4) spec.outer()) : null;
        this.hasCarrier = true;
        watch.roundTrips(nanos -> roundTrips.record(nanos, 1));
    }

    /**
     * Prepares a tunnel's ports, none of which has a packet yet.
     *
     * @return null when the tunnel sends no keepalives
     */
    static PeerKeepalive of(TunnelConfig config, TunDevice device, List<TunnelPort> ports) {
        TunnelSpec spec = config.spec();
        if (spec.device().keepalive() == null) {
            return null;
        }
        PeerKeepalive peer = new PeerKeepalive(spec, device);
        long drawn = ThreadLocalRandom.current().nextLong();
        for (TunnelPort port : ports) {
            if (peer.greProbe != null) {
                port.keepalive().ask(peer.watch, peer.greProbe, peer::follow);
            } else {
                EchoProbe probe = echoProbe(config.keepaliveAddress(), drawn);
                port.keepalive().ask(peer.watch, probe, peer::follow);
            }
        }
        return peer;
    }

    private static EchoProbe echoProbe(InterfaceAddress address, long drawn) {
        byte[] ours = address.address().getAddress();
        byte[] peers = address.otherEnd().getAddress();
        return address.ipVersion() == IpVersion.IPV4
                ? new Ipv4EchoProbe(
                        ByteBuffer.wrap(ours).getInt(), ByteBuffer.wrap(peers).getInt(), drawn)
                : new Ipv6EchoProbe(ours, peers, drawn);
    }

    /** Begins to ask. The lane, which is the port's, has started. */
    void start(Lane lane, TunnelPort port) {
        if (spec.device().keepalive().carrierFollows()) {
            tryCarrier(true);
        }
        lane.repeat(
                spec.device().keepalive().periodNanos(),
                () -> port.keepalive().send(System.nanoTime()));
    }

    /** Has answers come to the address that packets leave from. The asking lane's thread. */
    void local(InetAddress address) {
        if (greProbe != null && spec.local() == null && address instanceof Inet4Address) {
            greProbe.local(ByteBuffer.wrap(address.getAddress()).getInt());
        }
    }

    /** What is known of the peer at this moment; any thread. */
    PeerHealth health() {
        return watch.health(System.nanoTime());
    }

    /** Round trips so far, those of answers that told which keepalive they were for; any thread. */
    LatencyCounts roundTrips() {
        return roundTrips.counts();
    }

    /** Two lanes may come at once: whichever is second finds nothing left to say. */
    private synchronized void follow() {
        PeerHealth health = health();
        if (health.state() == saidState) {
            return;
        }
        boolean isGone = health.state() == PeerHealth.State.GONE;
        String carrier = "";
        if (spec.device().keepalive().carrierFollows() && isGone == hasCarrier) {
            carrier = tryCarrier(!isGone) ? (isGone ? "; no carrier" : "; carrier is back") : "";
        }
        LOG.log(
                System.Logger.Level.INFO,
                spec.name() + ": peer " + IpPrefix.text(spec.remote()) + words(health) + carrier);
        goneNanos = isGone ? System.nanoTime() : goneNanos;
        saidState = health.state();
    }

    private String words(PeerHealth health) {
        KeepaliveSpec keepalive = spec.device().keepalive();
        if (health.state() == PeerHealth.State.GONE) {
            double seconds = keepalive.retries() * keepalive.periodNanos() / NANOS_PER_SECOND;
            return " has not answered %d keepalives in %s s: gone"
                    .formatted(keepalive.retries(), text(seconds));
        }
        if (saidState == PeerHealth.State.UNKNOWN) {
            return " answers keepalives";
        }
        double seconds = (System.nanoTime() - goneNanos) / NANOS_PER_SECOND;
        return " answers keepalives"
                + (health.answered() > 1 ? " again" : "")
                + ", after "
                + text(seconds)
                + " s";
    }

    private static String text(double seconds) {
        return String.format(Locale.ROOT, "%.1f", seconds).replaceFirst("\\.0$", "");
    }

    private boolean tryCarrier(boolean isOn) {
        try {
            device.carrier(isOn);
            hasCarrier = isOn;
            return true;
        } catch (LinuxException e) {
            LOG.log(
                    System.Logger.Level.INFO,
                    spec.name() + ": keepalive-carrier: " + e.getMessage());
            return false;
        }
    }
}
