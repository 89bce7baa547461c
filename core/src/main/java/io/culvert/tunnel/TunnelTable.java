package io.culvert.tunnel;

import io.culvert.packet.DropReason;
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
 * <p>Layout: an open-addressing hash table over (mode, remote, local, key, link). A pass is one or
 * two probes of it, and a pass that no tunnel could match is skipped. A second chain, over (mode,
 * remote, local), serves only to say why nothing matched and to find the tunnel of an ICMP error.
 *
 * <p>Immutable but for {@link #missReason}; a changed set of tunnels is a new table. Confined to
 * the lane's thread.
 */
public final class TunnelTable {
    /** The table of a lane without tunnels. */
    public static final TunnelTable EMPTY = new TunnelTable(List.of());

    private static final int MOST_EXPLAINING_LOOKS = 64;

    /** The bit of a {@link #kind} with a key. */
    private static final int KEYED = 1;

    /**
     * 2^64 divided by the golden ratio (Knuth, volume 3, §6.4): two of these multiplications spread
     * as well as longer mixes do, in a third of the time.
     */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final TunnelEndpoint[] byKey;
    private final TunnelEndpoint[] byAddresses;
    private final boolean hasRemoteOnly;
    private final boolean hasLocalOnly;
    private final boolean hasNeither;
    private final boolean hasLinks;
    private final int size;

    private TunnelEndpoint nearest;
    private DropReason missReason;

    /**
     * @param tunnels the lane's tunnels
     * @throws IllegalArgumentException when nothing would tell the packets of two tunnels apart
     */
    public TunnelTable(Collection<TunnelEndpoint> tunnels) {
        int capacity = Integer.highestOneBit(Math.max(4, tunnels.size() * 4 - 1)) * 2;
        byKey = new TunnelEndpoint[capacity];
        byAddresses = new TunnelEndpoint[capacity];
        boolean remoteOnly = false;
        boolean localOnly = false;
        boolean neither = false;
        boolean links = false;
        for (TunnelEndpoint tunnel : tunnels) {
            insert(tunnel);
            int remote = tunnel.spec().remoteBits();
            int local = tunnel.spec().localBits();
            remoteOnly |= remote != 0 && local == 0;
            localOnly |= remote == 0 && local != 0;
            neither |= remote == 0 && local == 0;
            links |= tunnel.linkIndex() != 0;
        }
        hasRemoteOnly = remoteOnly;
        hasLocalOnly = localOnly;
        hasNeither = neither;
        hasLinks = links;
        size = tunnels.size();
    }

    public int size() {
        return size;
    }

    /** Whether some tunnel is bound to a link, so that arrivals' links must be known. */
    public boolean hasLinks() {
        return hasLinks;
    }

    /**
     * The tunnel that takes a GRE packet.
     *
     * @param source outer source address
     * @param destination outer destination address
     * @param hasKey whether the packet has a key
     * @param key its key, 0 without one
     * @param link interface index it arrived on; 0 when unknown
     * @return null when none does: {@link #missReason} and {@link #nearest} say why
     */
    public TunnelEndpoint gre(int source, int destination, boolean hasKey, int key, int link) {
        int kind = kind(TunnelMode.GRE, hasKey);
        if (!hasLinks) {
            // by far the most packets are for a tunnel that names both addresses
            TunnelEndpoint exact = find(kind, addresses(source, destination), key, 0);
            if (exact != null) {
                return exact;
            }
        }
        return lookup(kind, source, destination, key, link);
    }

    /**
     * The tunnel that takes an IP packet in IPv4: for protocol 4 an ipip tunnel before a sit
     * tunnel, for protocol 41 a sit tunnel.
     *
     * @param isIpv6Inside whether the protocol is 41
     */
    public TunnelEndpoint ip(int source, int destination, boolean isIpv6Inside, int link) {
        if (isIpv6Inside) {
            return lookup(kind(TunnelMode.SIT, false), source, destination, 0, link);
        }
        TunnelEndpoint ipip = lookup(kind(TunnelMode.IPIP, false), source, destination, 0, link);
        if (ipip != null) {
            return ipip;
        }
        TunnelEndpoint nearestIpip = nearest;
        DropReason ipipReason = missReason;
        TunnelEndpoint sit = lookup(kind(TunnelMode.SIT, false), source, destination, 0, link);
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
     * @param mode GRE, IPIP or SIT
     * @param local the packet's source
     * @param remote the packet's destination
     * @param hasKey whether the quoted GRE header has a key
     * @param key the key that the tunnel sends with
     * @return null when there is none
     */
    public TunnelEndpoint sender(TunnelMode mode, int local, int remote, boolean hasKey, int key) {
        TunnelEndpoint exact = senderFrom(mode, local, remote, hasKey, key);
        return exact != null ? exact : senderFrom(mode, 0, remote, hasKey, key);
    }

    private TunnelEndpoint senderFrom(
            TunnelMode mode, int local, int remote, boolean hasKey, int key) {
        long addresses = addresses(remote, local);
        for (int i = chainOf(mode, addresses); byAddresses[i] != null; i = next(i)) {
            TunnelEndpoint tunnel = byAddresses[i];
            TunnelSpec spec = tunnel.spec();
            if (tunnel.addresses == addresses
                    && spec.mode() == mode
                    && spec.outputKey().isPresent() == hasKey
                    && spec.outputKey().orElse(0) == key) {
                return tunnel;
            }
        }
        return null;
    }

    private TunnelEndpoint lookup(int kind, int source, int destination, int key, int link) {
        TunnelEndpoint candidate = null;
        boolean isLinked = hasLinks && link != 0;
        for (int pass = 0; pass < 4; pass++) {
            if (!isPassNeeded(pass)) {
                continue;
            }
            long addresses = addressesOf(pass, source, destination);
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
            explainMiss(kind, source, destination, key);
        }
        return candidate;
    }

    /** What a tunnel's addresses are that takes the packet in this pass. */
    private static long addressesOf(int pass, int source, int destination) {
        return addresses(
                pass == 0 || pass == 1 ? source : 0, pass == 0 || pass == 2 ? destination : 0);
    }

    private boolean isPassNeeded(int pass) {
        return switch (pass) {
            case 0 -> true;
            case 1 -> hasRemoteOnly;
            case 2 -> hasLocalOnly;
            default -> hasNeither;
        };
    }

    private TunnelEndpoint find(int kind, long addresses, int key, int link) {
        for (int i = slotOf(kind, addresses, key, link); byKey[i] != null; i = next(i)) {
            TunnelEndpoint tunnel = byKey[i];
            if (tunnel.addresses == addresses
                    && tunnel.key == key
                    && tunnel.kind == kind
                    && tunnel.linkIndex() == link) {
                return tunnel.isUp() ? tunnel : null;
            }
        }
        return null;
    }

    /**
     * Looks for a tunnel with these addresses that is down or has another key, among the first few:
     * a flood of wrong keys must not walk past thousands of tunnels each time.
     */
    private void explainMiss(int kind, int source, int destination, int key) {
        nearest = null;
        missReason = DropReason.NO_TUNNEL;
        int looks = MOST_EXPLAINING_LOOKS;
        for (int pass = 0; pass < 4 && nearest == null; pass++) {
            long addresses = addressesOf(pass, source, destination);
            for (int i = chainOf(kind, addresses);
                    byAddresses[i] != null && looks-- > 0;
                    i = next(i)) {
                TunnelEndpoint tunnel = byAddresses[i];
                if (tunnel.addresses != addresses || (tunnel.kind | KEYED) != (kind | KEYED)) {
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

    private void insert(TunnelEndpoint tunnel) {
        int i = slotOf(tunnel.kind, tunnel.addresses, tunnel.key, tunnel.linkIndex());
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
        byKey[i] = tunnel;
        int j = chainOf(tunnel.kind, tunnel.addresses);
        while (byAddresses[j] != null) {
            j = next(j);
        }
        byAddresses[j] = tunnel;
    }

    /** Both addresses, to be compared at once. */
    static long addresses(int remote, int local) {
        return (long) remote << Integer.SIZE | local & 0xffff_ffffL;
    }

    /** The mode and whether there is a key, to be compared at once. */
    static int kind(TunnelMode mode, boolean hasKey) {
        return mode.ordinal() << 1 | (hasKey ? KEYED : 0);
    }

    private int slotOf(int kind, long addresses, int key, int link) {
        long rest = (long) key << 32 ^ (long) link << 8 ^ kind;
        return index(addresses * GOLDEN ^ rest);
    }

    private int chainOf(TunnelMode mode, long addresses) {
        return chainOf(kind(mode, false), addresses);
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
