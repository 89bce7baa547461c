package io.culvert.netlink;

import java.net.InetAddress;

/** Something that changed in the namespace's links, addresses, routes, rules or neighbours. */
public sealed interface NetlinkEvent {

    /**
     * A device is new, or has another state, name or MTU than before; also sent for changes that
     * leave all of {@link Link} as it was.
     *
     * @param link the device as it is now
     */
    record LinkChanged(Link link) implements NetlinkEvent {}

    /**
     * A device is gone for good: deleted, or lost with the program that held it.
     *
     * @param index the index it had; the kernel may give it away again
     */
    record LinkDeleted(int index, String name) implements NetlinkEvent {}

    /**
     * A device lives on in another namespace, from where this monitor hears nothing of it. The
     * kernel takes it down first, with its addresses and routes.
     *
     * @param index the index it had here
     * @param newIndex its index there; 0 when the kernel does not say (before Linux 4.16)
     * @param namespaceId number that this namespace has for the other one ({@code ip netns
     *     list-id})
     */
    record LinkMoved(int index, String name, int newIndex, int namespaceId)
            implements NetlinkEvent {}

    /**
     * A device got an address, lost it, or the address has another state than before.
     *
     * @param isPresent whether it is there now
     * @param index the device
     */
    record AddressChanged(boolean isPresent, InetAddress address, int index)
            implements NetlinkEvent {}

    /**
     * A route was added, replaced or removed.
     *
     * @param isPresent whether it is there now
     * @param prefix destinations it is for
     * @param outIndex the device it leads to; 0 for several or none
     * @param table number of its table
     */
    record RouteChanged(boolean isPresent, IpPrefix prefix, int outIndex, int table)
            implements NetlinkEvent {}

    /** The rules that choose a routing table changed: {@code ip rule}. */
    record RulesChanged() implements NetlinkEvent {}

    /**
     * A neighbour's entry is new, or has another state or link-layer address than before; only for
     * monitors that were asked for it. The kernel tells nothing when one becomes incomplete or,
     * from stale, used.
     *
     * @param isPresent whether the entry is there now
     * @param neighbour the entry, or what it was
     */
    record NeighbourChanged(boolean isPresent, Neighbour neighbour) implements NetlinkEvent {}

    /**
     * More happened than the socket could hold and the kernel threw events away, so that anything
     * may have changed. Ask for everything again once the drain is over.
     */
    record Overrun() implements NetlinkEvent {}
}
