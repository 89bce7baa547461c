package io.culvert.rehearsal;

import io.culvert.channel.Lane;
import io.culvert.channel.LaneOptions;
import io.culvert.channel.Lanes;
import io.culvert.device.LocalPair;
import io.culvert.device.OuterProtocol;
import io.culvert.device.RawIpSocket;
import io.culvert.device.TunDevice;
import io.culvert.linux.LowPriority;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.pipeline.TunnelPort;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.TunnelEndpoint;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/*
 * A JVM runs what it has not compiled yet many times slower, and compiles while it runs: the first
 * three seconds of a transfer went at a quarter to three quarters of the speed of what followed, with
 * the compiler taking the processor from the tunnel. So all of it happens before, at the lowest
 * priority, with a lane of its own whose devices are joined in memory:
 *
 *   host ==> TunDevice --> Lane --> RawIpSocket ==> RawIpSocket --> Lane --> TunDevice ==> host
 *
 * The code is that of the real thing up to the system calls, and the tunnel is the user's own: what
 * the compiler saw of another, such as one without a key, would make it assume too much.
 */

/**
 * Has the JVM compile the packet path before a packet comes that somebody waits for.
 *
 * <p>Takes about a second of processor time, in the background. Nothing leaves the process. One
 * that fails is over; tunnels do not need it.
 */
public final class Rehearsal implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());

    /** HotSpot compiles for good what was called 5,000 times. */
    private static final int ROUNDS = 8_000;

    private static final long MOST_NANOS = 10_000_000_000L;
    private static final long PAUSE_NANOS = 20_000;

    private static final int SLOTS = 16;

    /**
     * Of the JVM's memory, of which this takes 50 MiB outside of the heap until it is collected.
     */
    private static final long LEAST_MEMORY_BYTES = 256L << 20;

    private static final int UNDERLAY_MTU = 1_500;

    // the tunnels' indices
    private static final int LEFT = 0;
    private static final int RIGHT = 1;

    private final TunnelSpec spec;
    private final Runnable takePriority;
    private final long mostNanos;
    private final Thread thread = new Thread(this::run, "culvert-rehearsal");
    private volatile boolean isEnding;
    private long deliveredPackets;

    private Rehearsal(TunnelSpec spec, Runnable takePriority, long mostNanos) {
        this.spec = spec;
        this.takePriority = takePriority;
        this.mostNanos = mostNanos;
        thread.setDaemon(true);
    }

    /** Begins to rehearse a tunnel, where there is memory for it, and returns at once. */
    public static Rehearsal begin(TunnelSpec spec) {
        return begin(spec, LowPriority::take, MOST_NANOS);
    }

    /**
     * The same at another pace.
     *
     * @param takePriority is run by each of the threads that rehearse
     * @param mostNanos after which it ends, however little it has done
     */
    static Rehearsal begin(TunnelSpec spec, Runnable takePriority, long mostNanos) {
        Rehearsal rehearsal = new Rehearsal(spec, takePriority, mostNanos);
        if (Runtime.getRuntime().maxMemory() >= LEAST_MEMORY_BYTES) {
            rehearsal.thread.start();
        }
        return rehearsal;
    }

    /** Waits until it is over. */
    void await() throws InterruptedException {
        thread.join();
    }

    /** Packets that reached the hosts; once it is over. */
    long deliveredPackets() {
        return deliveredPackets;
    }

    /**
     * Has it end early, if it is not over. Does not wait: on a busy machine a thread of the lowest
     * priority takes seconds to end, and the tunnel's end must not.
     */
    @Override
    public void close() {
        isEnding = true;
    }

    private void run() {
        takePriority.run();
        List<TunDevice> left = LocalPair.tunDevices(LEFT);
        List<TunDevice> right = LocalPair.tunDevices(RIGHT);
        // The lane goes first: without hosts it would meet errors that it never meets otherwise.
        try (TunDevice leftHost = left.get(1);
                TunDevice rightHost = right.get(1);
                Lanes lanes = new Lanes(LaneOptions.DEFAULTS)) {
            start(lanes.all().get(0), left.get(0), right.get(0));
            exchange(leftHost, rightHost);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.log(System.Logger.Level.DEBUG, "the rehearsal broke off", e);
        }
    }

    private void start(Lane lane, TunDevice left, TunDevice right) {
        List<RawIpSocket> wire = LocalPair.rawIpSockets();
        TwinSpecs specs = TwinSpecs.of(spec);
        lane.execute(takePriority);
        TunnelPort leftPort = join(lane, specs.left(), wire.get(LEFT), left);
        TunnelPort rightPort = join(lane, specs.right(), wire.get(RIGHT), right);
        lane.start(List.of(leftPort, rightPort));
    }

    /** Sockets of a lane are told apart by their protocol; here it is the tunnel's index. */
    private TunnelPort join(Lane lane, TunnelSpec spec, RawIpSocket socket, TunDevice device) {
        int index = device.tunnelIndex();
        OuterProtocol key = OuterProtocol.overIpv4(index);
        lane.addUnderlay(key, socket);
        TunnelEndpoint endpoint = new TunnelEndpoint(spec, index, 0);
        endpoint.up(true);
        TunnelPort port = new TunnelPort(endpoint, UNDERLAY_MTU, lane.asideBatches());
        port.innerMtu(spec.innerMtuOver(UNDERLAY_MTU));
        lane.addDevice(device, port, key, cause -> isEnding = true);
        return port;
    }

    private void exchange(TunDevice leftHost, TunDevice rightHost) {
        Script script = new Script(spec.payload(), leftHost.tunnelIndex(), rightHost.tunnelIndex());
        PacketBatch received =
                new BatchPool(1, SLOTS, PacketSlab.MAX_PACKET_BYTES, NativeMemory::addressOf)
                        .acquire();
        long deadlineNanos = System.nanoTime() + mostNanos;
        int round = 0;
        while (round < ROUNDS && !isEnding && System.nanoTime() < deadlineNanos) {
            leftHost.writeBatch(script.forth(round), 0);
            rightHost.writeBatch(script.back(round), 0);
            LockSupport.parkNanos(PAUSE_NANOS);
            deliveredPackets += drain(rightHost, received) + drain(leftHost, received);
            round++;
        }
    }

    /** Takes what arrived; a super-packet is one. */
    private static int drain(TunDevice host, PacketBatch received) {
        int packets = 0;
        int read;
        do {
            received.clear();
            read = host.readBatch(received);
            packets += read;
        } while (read > 0);
        return packets;
    }
}
