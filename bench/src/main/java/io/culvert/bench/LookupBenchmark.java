package io.culvert.bench;

import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What does it cost to find a packet's tunnel among many? */
@Asks(value = "What does it cost to find a packet's tunnel among many?", per = "lookup")
@State(Scope.Thread)
public class LookupBenchmark extends PerPacket {
    private static final int FIRST_REMOTE = 0xc612_0001; // in 198.18.0.0/15, RFC 2544

    @Param({"1", "100", "10000"})
    public int tunnels;

    private final int[] wanted = new int[PacketRounds.PACKETS];
    private final int[] sources = new int[PacketRounds.PACKETS];
    private final List<TunnelEndpoint> endpoints = new ArrayList<>();
    private final Map<Key, TunnelEndpoint> map = new HashMap<>();
    private TunnelEndpoint[] byIndex;
    private Key[] keys;
    private TunnelTable table;
    private int first;

    /** What tells tunnels apart, for a hash map. */
    record Key(TunnelMode mode, int remote, int local, boolean hasKey, int key, int link) {}

    @Setup
    public void fill() {
        for (int i = 0; i < tunnels; i++) {
            int remote = FIRST_REMOTE + i;
            TunnelSpec spec = MeasuredTunnel.spec("gre", MeasuredTunnel.LOCAL, remote);
            TunnelEndpoint endpoint = new TunnelEndpoint(spec, i, 0);
            endpoints.add(endpoint);
            map.put(key(remote), endpoint);
        }
        table = new TunnelTable(endpoints);
        keys = IntStream.range(0, tunnels).mapToObj(i -> key(FIRST_REMOTE + i)).toArray(Key[]::new);
        byIndex = endpoints.toArray(TunnelEndpoint[]::new);
        SplittableRandom random = new SplittableRandom(2784);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = random.nextInt(tunnels);
            sources[i] = FIRST_REMOTE + wanted[i];
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int culvert() {
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            sum += table.gre(sources[i], MeasuredTunnel.LOCAL, false, 0, 0).index();
        }
        return sum;
    }

    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int hashMap() {
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            sum += map.get(key(sources[i])).index();
        }
        return sum;
    }

    /** One after the other, as one would for a few. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int linearScan() {
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            sum += byIndex[scan(sources[i], MeasuredTunnel.LOCAL)].index();
        }
        return sum;
    }

    /** The tunnel's place in an array is known: only memory is in the way. */
    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public int knownIndex() {
        int sum = 0;
        for (int i = nextRound(), end = i + BATCH; i < end; i++) {
            sum += byIndex[wanted[i]].index();
        }
        return sum;
    }

    private int scan(int remote, int local) {
        for (int i = 0; i < keys.length; i++) {
            Key key = keys[i];
            if (key.remote == remote
                    && key.local == local
                    && key.mode == TunnelMode.GRE
                    && !key.hasKey) {
                return i;
            }
        }
        throw new IllegalStateException("the tunnel was not found");
    }

    private static Key key(int remote) {
        return new Key(TunnelMode.GRE, remote, MeasuredTunnel.LOCAL, false, 0, 0);
    }

    private int nextRound() {
        first = first + BATCH & PacketRounds.PACKETS - 1;
        return first;
    }
}
