package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.spec.Gre;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpVersion;
import java.util.Collection;
import java.util.List;

/**
 * Which tunnel takes a received packet, decided as Linux's {@code ip_tunnel_lookup} does.
 *
 * <p>Problem: four passes, from the most to the least specific pair of addresses (remote and local,
 * remote, local, neither), in each a tunnel bound to the arriving link before one bound to none,
 * keys equal in presence and value, devices that are up; at the cost of a few nanoseconds with one
 * tunnel and not much more with 10,000.
 *
 * <p>Layout: an open-addressing hash table over (kind, remote, local, key, link), whose keys lie in
 * one array of {@code long}s, so that a probe touches one line of memory and no object. A pass is
 * one or two probes of it, and a pass that no tunnel could match is skipped. IPv6 addresses are
 * numbers ({@link OuterAddresses}), so both families are one comparison. A second chain, over
 * (kind, remote, local), serves only to say why nothing matched and to find the tunnel of an ICMP
 * error.
 *
 * <p>Immutable but for {@link #missReason}; a changed set of tunnels is a new table. Confined to
 * the lane's thread.
 */
public final class TunnelTable {
    /** The table of a lane without tunnels. */
    public static final TunnelTable EMPTY = new TunnelTable(List.of());

    // The kinds are those that Linux has a table of tunnels for: a packet is looked up among the
    // tunnels of its kind.

    /** The bit of a kind with a key. */
    private static final int KEYED = 1;

    /** IP in GRE. */
    static final int GRE = 0;

    /** Ethernet in GRE. */
    static final int ETHERNET_IN_GRE = 2;

    /** IP in IP: 6in4 and what carries both versions; in IPv6 everything. */
    static final int DIRECT = 4;

    /** IPv4 in IPv4, and nothing else. */
    static final int DIRECT_IPV4 = 6;

    /** The bit of a kind with an outer IPv6 header. */
    static final int OVER_IPV6 = 8;

    private static final int KIND_BITS = 4;

    private static final int MOST_EXPLAINING_LOOKS = 64;

    private static final int BOTH = 0;
    private static final int REMOTE = 1;
    private static final int LOCAL = 2;
    private static final int NEITHER = 3;

    /** Linux's ip6_tnl_lookup alone prefers the tunnel that names its local address. */
    private static final int[] PASSES_OF_DIRECT_IN_IPV6 = {BOTH, LOCAL, REMOTE, NEITHER};

    private static final int[] PASSES = {BOTH, REMOTE, LOCAL, NEITHER};

    /**
     * 2^64 divided by the golden ratio (Knuth, volume 3, §6.4): two of these multiplications spread
     * as well as longer mixes do, in a third of the time.
     */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final OuterAddresses outerAddresses;
    private final long[] keys; // addresses and the rest of the key, by twice the slot
    private final TunnelEndpoint[] byKey;
    private final TunnelEndpoint[] byAddresses;
    private final long[] chainAddresses;
    private final boolean[] isPassNeeded = {true, false, false, false};
    private final boolean hasLinks;
    private final int size;

    private TunnelEndpoint nearest;
    private DropReason missReason;

    /**
     * @param tunnels the lane's tunnels
     * @throws IllegalArgumentException when nothing would tell the packets of two tunnels apart
     */
    public TunnelTable(Collection<TunnelEndpoint> tunnels) {
        int capacity = Integer.highestOneBit(Math.max(4, tunnels.size() * 2 - 1)) * 2;
        outerAddresses = new OuterAddresses(2 * tunnels.size());
        keys = new long[2 * capacity];
        byKey = new TunnelEndpoint[capacity];
        byAddresses = new TunnelEndpoint[capacity];
        chainAddresses = new long[capacity];
        boolean links = false;
        for (TunnelEndpoint tunnel : tunnels) {
            TunnelSpec spec = tunnel.spec();
            insert(tunnel, addressesOf(spec));
            boolean hasRemote = spec.remote() != null;
            boolean hasLocal = spec.local() != null;
            isPassNeeded[REMOTE] |= hasRemote && !hasLocal;
            isPassNeeded[LOCAL] |= !hasRemote && hasLocal;
            isPassNeeded[NEITHER] |= !hasRemote && !hasLocal;
            links |= tunnel.linkIndex() != 0;
        }
        hasLinks = links;
        size = tunnels.size();
    }

    private long addressesOf(TunnelSpec spec) {
        return addresses(outerAddresses.add(spec.remote()), outerAddresses.add(spec.local()));
    }

    public int size() {
        return size;
    }

    /** Whether some tunnel is bound to a link, so that arrivals' links must be known. */
    public boolean hasLinks() {
        return hasLinks;
    }

    /** The numbers of the tunnels' IPv6 addresses. */
    OuterAddresses outerAddresses() {
        return outerAddresses;
    }

    /**
     * The tunnel that takes an IP packet in GRE in IPv4.
     *
     * @param source outer source address
     * @param destination outer destination address
     * @param hasKey whether the packet has a key
     * @param key its key, 0 without one
     * @param link interface index it arrived on; 0 when unknown
     * @return null when none does: {@link #missReason} and {@link #nearest} say why
     */
    public TunnelEndpoint gre(int source, int destination, boolean hasKey, int key, int link) {
        return lookup(hasKey ? GRE | KEYED : GRE, source, destination, key, link);
    }

    /**
     * The tunnel that takes a packet with a GRE header: Ethernet goes to a tunnel for Ethernet
     * first, and then to one that will refuse it.
     *
     * @param family 0 or {@link #OVER_IPV6}
     */
    TunnelEndpoint gre(
            int family,
            boolean isEthernet,
            int remote,
            int local,
            boolean hasKey,
            int key,
            int link) {
        int keyed = hasKey ? KEYED : 0;
        if (isEthernet) {
            TunnelEndpoint tap = lookup(family | ETHERNET_IN_GRE | keyed, remote, local, key, link);
            if (tap != null || missReason != DropReason.NO_TUNNEL) {
                return tap;
            }
        }
        return lookup(family | GRE | keyed, remote, local, key, link);
    }

    /**
     * The tunnel that takes an IP packet in IPv4: for protocol 4 an ipip tunnel before a sit
     * tunnel, for protocol 41 a sit tunnel.
     *
     * @param isIpv6Inside whether the protocol is 41
     */
    public TunnelEndpoint ip(int source, int destination, boolean isIpv6Inside, int link) {
        return ip(0, source, destination, isIpv6Inside, link);
    }

    /**
     * The tunnel that takes an IP packet in IP.
     *
     * @param family 0 or {@link #OVER_IPV6}
     */
    TunnelEndpoint ip(int family, int remote, int local, boolean isIpv6Inside, int link) {
        if (isIpv6Inside || family == OVER_IPV6) {
            return lookup(family | DIRECT, remote, local, 0, link);
        }
        TunnelEndpoint ipip = lookup(DIRECT_IPV4, remote, local, 0, link);
        if (ipip != null) {
            return ipip;
        }
        TunnelEndpoint nearestIpip = nearest;
        DropReason ipipReason = missReason;
        TunnelEndpoint sit = lookup(DIRECT, remote, local, 0, link);
        if (sit == null && nearestIpip != null) {
            nearest = nearestIpip;
            missReason = ipipReason;
        }
        return sit;
    }

    /** Why the last lookup found nothing. */
    public DropReason missReason() {
        return missReason;
    }

    /**
     * The tunnel that would have taken the last packet but for its key, its link or its being down;
     * or null.
     */
    public TunnelEndpoint nearest() {
        return nearest;
    }

    /**
     * The tunnel that sent an outer packet, to which an ICMP error about it belongs.
     *
     * @param kind what the packet is, without a key
     * @param local the packet's source
     * @param remote the packet's destination
     * @param hasKey whether the quoted GRE header has a key
     * @param key the key that the tunnel sends with
     * @return null when there is none
     */
    TunnelEndpoint sender(int kind, int local, int remote, boolean hasKey, int key) {
        TunnelEndpoint exact = senderFrom(kind, local, remote, hasKey, key);
        return exact != null ? exact : senderFrom(kind, OuterAddresses.ANY, remote, hasKey, key);
    }

    private TunnelEndpoint senderFrom(int kind, int local, int remote, boolean hasKey, int key) {
        long addresses = addresses(remote, local);
        for (int i = chainOf(kind, addresses); byAddresses[i] != null; i = next(i)) {
            TunnelEndpoint tunnel = byAddresses[i];
            Gre gre = tunnel.spec().gre();
            if (chainAddresses[i] == addresses
                    && (tunnel.kind & ~KEYED) == kind
                    && gre.outputKey().isPresent() == hasKey
                    && gre.outputKey().orElse(0) == key) {
                return tunnel;
            }
        }
        return null;
    }

    private TunnelEndpoint lookup(int kind, int remote, int local, int key, int link) {
        if (!hasLinks) {
            // by far the most packets are for a tunnel that names both addresses
            TunnelEndpoint exact = find(kind, addresses(remote, local), key, 0);
            if (exact != null) {
                return exact;
            }
        }
        return lookupInPasses(kind, remote, local, key, link);
    }

    private TunnelEndpoint lookupInPasses(int kind, int remote, int local, int key, int link) {
        TunnelEndpoint candidate = null;
        boolean isLinked = hasLinks && link != 0;
        for (int pass : passes(kind)) {
            if (!isPassNeeded[pass]) {
                continue;
            }
            long addresses = addressesOf(pass, remote, local);
            if (isLinked) {
                TunnelEndpoint bound = find(kind, addresses, key, link);
                if (bound != null) {
                    return bound;
                }
            }
            if (candidate == null) {
                candidate = find(kind, addresses, key, 0);
                if (candidate != null && !isLinked) {
                    return candidate;
                }
            }
        }
        if (candidate == null) {
            explainMiss(kind, remote, local, key);
        }
        return candidate;
    }

    private static int[] passes(int kind) {
        return (kind & ~KEYED) == (OVER_IPV6 | DIRECT) ? PASSES_OF_DIRECT_IN_IPV6 : PASSES;
    }

    /** What a tunnel's addresses are that takes the packet in this pass. */
    private static long addressesOf(int pass, int remote, int local) {
        return addresses(
                pass == BOTH || pass == REMOTE ? remote : OuterAddresses.ANY,
                pass == BOTH || pass == LOCAL ? local : OuterAddresses.ANY);
    }

    private TunnelEndpoint find(int kind, long addresses, int key, int link) {
        long rest = rest(kind, key, link);
        for (int i = slotOf(addresses, rest); byKey[i] != null; i = next(i)) {
            if (keys[2 * i] == addresses && keys[2 * i + 1] == rest) {
                TunnelEndpoint tunnel = byKey[i];
                return tunnel.isUp() ? tunnel : null;
            }
        }
        return null;
    }

    /**
     * Looks for a tunnel with these addresses that is down or has another key, among the first few:
     * a flood of wrong keys must not walk past thousands of tunnels each time.
     */
    private void explainMiss(int kind, int remote, int local, int key) {
        nearest = null;
        missReason = DropReason.NO_TUNNEL;
        int looks = MOST_EXPLAINING_LOOKS;
        for (int pass = 0; pass < PASSES.length && nearest == null; pass++) {
            long addresses = addressesOf(pass, remote, local);
            for (int i = chainOf(kind, addresses);
                    byAddresses[i] != null && looks-- > 0;
                    i = next(i)) {
                TunnelEndpoint tunnel = byAddresses[i];
                if (chainAddresses[i] != addresses || (tunnel.kind | KEYED) != (kind | KEYED)) {
                    continue;
                }
                DropReason reason = reasonNotTaken(tunnel, kind, key);
                nearest = tunnel;
                missReason = reason;
                if (reason == DropReason.TUNNEL_DOWN || reason == DropReason.OTHER_LINK) {
                    break;
                }
            }
        }
    }

    private static DropReason reasonNotTaken(TunnelEndpoint tunnel, int kind, int key) {
        if (tunnel.kind != kind) {
            boolean isKeyMissing = (kind & KEYED) == 0;
            return isKeyMissing ? DropReason.KEY_MISSING : DropReason.KEY_UNEXPECTED;
        }
        if (tunnel.key != key) {
            return DropReason.KEY_MISMATCH;
        }
        return tunnel.isUp() ? DropReason.OTHER_LINK : DropReason.TUNNEL_DOWN;
    }

    private void insert(TunnelEndpoint tunnel, long addresses) {
        long rest = rest(tunnel.kind, tunnel.key, tunnel.linkIndex());
        int i = slotOf(addresses, rest);
        while (byKey[i] != null) {
            if (byKey[i].isTwinOf(tunnel)) {
                throw new IllegalArgumentException(
                        byKey[i].spec().name()
                                + " and "
                                + tunnel.spec().name()
                                + " have the same mode, addresses and key: nothing would tell their"
                                + " packets apart");
            }
            i = next(i);
        }
        keys[2 * i] = addresses;
        keys[2 * i + 1] = rest;
        byKey[i] = tunnel;
        int j = chainOf(tunnel.kind, addresses);
        while (byAddresses[j] != null) {
            j = next(j);
        }
        byAddresses[j] = tunnel;
        chainAddresses[j] = addresses;
    }

    /** Both addresses, to be compared at once. */
    private static long addresses(int remote, int local) {
        return (long) remote << Integer.SIZE | local & 0xffff_ffffL;
    }

    /** Key, link and kind, to be compared at once; an interface's index has far fewer bits. */
    private static long rest(int kind, int key, int link) {
        return (long) key << Integer.SIZE | (link << KIND_BITS | kind) & 0xffff_ffffL;
    }

    /** The kind of packets that a tunnel takes. */
    static int kind(TunnelSpec spec) {
        int family = spec.outer().ipVersion() == IpVersion.IPV6 ? OVER_IPV6 : 0;
        if (spec.header() instanceof Gre gre) {
            return family
                    | (spec.payload().isEthernet() ? ETHERNET_IN_GRE : GRE)
                    | (gre.inputKey().isPresent() ? KEYED : 0);
        }
        boolean isIpv4Only = family == 0 && spec.payload() == Payload.IPV4;
        return family | (isIpv4Only ? DIRECT_IPV4 : DIRECT);
    }

    private int slotOf(long addresses, long rest) {
        return index(addresses * GOLDEN ^ rest);
    }

    private int chainOf(int kind, long addresses) {
        return index(addresses * GOLDEN ^ (kind & ~KEYED));
    }

    private int next(int i) {
        return i + 1 & byKey.length - 1;
    }

    /** Spreads every bit over the upper half, so that neighbouring addresses do not cluster. */
    private int index(long bits) {
        long folded = bits ^ bits >>> 32;
        return (int) (folded * GOLDEN >>> 32) & byKey.length - 1;
    }
}
