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

    private final TunnelEndpoint[] byKey;
    private final TunnelEndpoint[] byAddresses;
    private final int mask;
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
        mask = capacity - 1;
        boolean remoteOnly = false;
        boolean localOnly = false;
        boolean neither = false;
        boolean links = false;
        for (TunnelEndpoint tunnel : tunnels) {
            insert(tunnel);
            remoteOnly |= tunnel.remote != 0 && tunnel.local == 0;
            localOnly |= tunnel.remote == 0 && tunnel.local != 0;
            neither |= tunnel.remote == 0 && tunnel.local == 0;
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
        return lookup(TunnelMode.GRE, source, destination, hasKey, key, link);
    }

    /**
     * The tunnel that takes an IP packet in IPv4: for protocol 4 an ipip tunnel before a sit
     * tunnel, for protocol 41 a sit tunnel.
     *
     * @param isIpv6Inside whether the protocol is 41
     */
    public TunnelEndpoint ip(int source, int destination, boolean isIpv6Inside, int link) {
        if (isIpv6Inside) {
            return lookup(TunnelMode.SIT, source, destination, false, 0, link);
        }
        TunnelEndpoint ipip = lookup(TunnelMode.IPIP, source, destination, false, 0, link);
        if (ipip != null) {
            return ipip;
        }
        TunnelEndpoint nearestIpip = nearest;
        DropReason ipipReason = missReason;
        TunnelEndpoint sit = lookup(TunnelMode.SIT, source, destination, false, 0, link);
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
     * The tunnel that would have taken the last packet but for its key or its being down; or null.
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
        for (int i = hash(mode, remote, local) & mask; byAddresses[i] != null; i = i + 1 & mask) {
            TunnelEndpoint tunnel = byAddresses[i];
            if (tunnel.mode == mode
                    && tunnel.remote == remote
                    && tunnel.local == local
                    && tunnel.spec().outputKey().isPresent() == hasKey
                    && tunnel.spec().outputKey().orElse(0) == key) {
                return tunnel;
            }
        }
        return null;
    }

    private TunnelEndpoint lookup(
            TunnelMode mode, int source, int destination, boolean hasKey, int key, int link) {
        TunnelEndpoint candidate = null;
        boolean isLinked = hasLinks && link != 0;
        for (int pass = 0; pass < 4; pass++) {
            if (!isPassNeeded(pass)) {
                continue;
            }
            int remote = pass == 0 || pass == 1 ? source : 0;
            int local = pass == 0 || pass == 2 ? destination : 0;
            if (isLinked) {
                TunnelEndpoint bound = find(mode, remote, local, hasKey, key, link);
                if (bound != null) {
                    return bound;
                }
            }
            if (candidate == null) {
                candidate = find(mode, remote, local, hasKey, key, 0);
                if (candidate != null && !isLinked) {
                    return candidate;
                }
            }
        }
        if (candidate == null) {
            explainMiss(mode, source, destination, hasKey, key);
        }
        return candidate;
    }

    private boolean isPassNeeded(int pass) {
        return switch (pass) {
            case 0 -> true;
            case 1 -> hasRemoteOnly;
            case 2 -> hasLocalOnly;
            default -> hasNeither;
        };
    }

    private TunnelEndpoint find(
            TunnelMode mode, int remote, int local, boolean hasKey, int key, int link) {
        for (int i = hash(mode, remote, local, hasKey, key, link) & mask;
                byKey[i] != null;
                i = i + 1 & mask) {
            TunnelEndpoint tunnel = byKey[i];
            if (tunnel.remote == remote
                    && tunnel.local == local
                    && tunnel.hasKey == hasKey
                    && tunnel.key == key
                    && tunnel.linkIndex() == link
                    && tunnel.mode == mode) {
                return tunnel.isUp() ? tunnel : null;
            }
        }
        return null;
    }

    /**
     * Looks for a tunnel with these addresses that is down or has another key, among the first few:
     * a flood of wrong keys must not walk past thousands of tunnels each time.
     */
    private void explainMiss(
            TunnelMode mode, int source, int destination, boolean hasKey, int key) {
        nearest = null;
        missReason = DropReason.NO_TUNNEL;
        int looks = MOST_EXPLAINING_LOOKS;
        for (int pass = 0; pass < 4 && nearest == null; pass++) {
            int remote = pass == 0 || pass == 1 ? source : 0;
            int local = pass == 0 || pass == 2 ? destination : 0;
            for (int i = hash(mode, remote, local) & mask;
                    byAddresses[i] != null && looks-- > 0;
                    i = i + 1 & mask) {
                TunnelEndpoint tunnel = byAddresses[i];
                if (tunnel.remote != remote || tunnel.local != local || tunnel.mode != mode) {
                    continue;
                }
                DropReason reason = reasonNotTaken(tunnel, hasKey, key);
                if (reason != DropReason.NO_TUNNEL) {
                    nearest = tunnel;
                    missReason = reason;
                }
                if (reason == DropReason.TUNNEL_DOWN) {
                    break;
                }
            }
        }
    }

    private static DropReason reasonNotTaken(TunnelEndpoint tunnel, boolean hasKey, int key) {
        if (tunnel.hasKey && !hasKey) {
            return DropReason.KEY_MISSING;
        }
        if (!tunnel.hasKey && hasKey) {
            return DropReason.KEY_UNEXPECTED;
        }
        if (tunnel.key != key) {
            return DropReason.KEY_MISMATCH;
        }
        // down, or bound to another link than the one that the packet came by
        return tunnel.isUp() ? DropReason.NO_TUNNEL : DropReason.TUNNEL_DOWN;
    }

    private void insert(TunnelEndpoint tunnel) {
        TunnelMode mode = tunnel.mode;
        int i =
                hash(
                                mode,
                                tunnel.remote,
                                tunnel.local,
                                tunnel.hasKey,
                                tunnel.key,
                                tunnel.linkIndex())
                        & mask;
        while (byKey[i] != null) {
            if (byKey[i].isTwinOf(tunnel)) {
                throw new IllegalArgumentException(
                        byKey[i].spec().name()
                                + " and "
                                + tunnel.spec().name()
                                + " have the same mode, addresses and key: nothing would tell their"
                                + " packets apart");
            }
            i = i + 1 & mask;
        }
        byKey[i] = tunnel;
        int j = hash(mode, tunnel.remote, tunnel.local) & mask;
        while (byAddresses[j] != null) {
            j = j + 1 & mask;
        }
        byAddresses[j] = tunnel;
    }

    private static int hash(
            TunnelMode mode, int remote, int local, boolean hasKey, int key, int link) {
        return mix(hash(mode, remote, local) + (hasKey ? key * 31 + 1 : 0) + link * 0x85ebca6b);
    }

    private static int hash(TunnelMode mode, int remote, int local) {
        return mix(remote * 0x9e3779b1 ^ Integer.rotateLeft(local, 16) + mode.ordinal());
    }

    /** Spreads every bit over all, so that neighbouring addresses do not cluster. */
    private static int mix(int h) {
        int x = h ^ h >>> 16;
        x *= 0x7feb352d;
        x ^= x >>> 15;
        x *= 0x846ca68b;
        return x ^ x >>> 16;
    }
}
