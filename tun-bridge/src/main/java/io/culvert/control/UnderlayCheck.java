package io.culvert.control;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.LocalAddress;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteNetlink;
import io.culvert.packet.DropReason;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.TunnelEndpoint;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Asks the host whether a tunnel's outer packets can leave, and by which way: the device that it is
 * bound to must be there, its local address must be the host's, and the route to its remote must
 * not lead back into a tunnel that needs that very route.
 *
 * <p>One instance answers about one moment: what it asked for once it does not ask for again.
 */
final class UnderlayCheck {
    /** What Linux takes when no route tells. */
    static final int DEFAULT_MTU = 1500;

    private static final int MOST_NAMED = 8;

    private final RouteNetlink netlink;
    private final Map<Integer, LiveTunnel> tunnelsByDevice;
    private final Map<InetAddress, Boolean> isHere = new HashMap<>();
    private final Map<String, Integer> linkIndices = new HashMap<>();
    private List<LocalAddress> addresses;

    /**
     * @param tunnelsByDevice the process's own tunnels by the indices of their devices
     */
    UnderlayCheck(RouteNetlink netlink, Map<Integer, LiveTunnel> tunnelsByDevice) {
        this.netlink = netlink;
        this.tunnelsByDevice = tunnelsByDevice;
    }

    /**
     * The device that a tunnel is bound to, by its name.
     *
     * @return 0 for any, {@link TunnelEndpoint#NO_LINK} while there is none of that name
     */
    int linkIndex(TunnelSpec spec) {
        return spec.link() == null
                ? 0
                : linkIndices.computeIfAbsent(
                        spec.link(),
                        name ->
                                netlink.findLink(name)
                                        .map(Link::index)
                                        .orElse(TunnelEndpoint.NO_LINK));
    }

    /** What stands in a tunnel's way, and how large its packets may be. */
    UnderlayState of(TunnelSpec spec) {
        int linkIndex = linkIndex(spec);
        if (linkIndex == TunnelEndpoint.NO_LINK) {
            return UnderlayState.without(DropReason.LINK_GONE, linkMissing(spec));
        }
        if (!isHere(spec.local())) {
            return UnderlayState.without(DropReason.LOCAL_ADDRESS_GONE, localAddressMissing(spec));
        }
        if (spec.outer() instanceof OuterIpv6 outer
                && !outer.allowsLocalRemote()
                && isHere(spec.remote())) {
            // as Linux, whose tunnels over IPv6 alone refuse it
            return UnderlayState.without(
                    DropReason.REMOTE_IS_LOCAL,
                    "remote %s is an address of this host: to send there all the same, add"
                                    .formatted(IpPrefix.text(spec.remote()))
                            + " allow-localremote");
        }
        RouteAnswer route = route(spec, linkIndex);
        if (!route.isReachable()) {
            // a route may come: sending meets the same error and counts it until then
            return UnderlayState.without(null, route.words());
        }
        String loop = loop(spec, route);
        if (loop != null) {
            return UnderlayState.without(DropReason.ROUTE_LOOP, loop);
        }
        int underlayMtu = netlink.link(route.outIndex()).linkMtu();
        return new UnderlayState(
                null, loopByOneHop(spec, linkIndex), underlayMtu, route.preferredSource(), route);
    }

    /** The sentence that says which devices there are instead. */
    private String linkMissing(TunnelSpec spec) {
        String others =
                some(
                        netlink.links().stream()
                                .filter(link -> !link.isLoopback())
                                .filter(link -> !tunnelsByDevice.containsKey(link.index()))
                                .map(Link::name));
        return "there is no device %s%s: waiting for it"
                .formatted(spec.link(), others.isEmpty() ? "" : ", only " + others);
    }

    /** The sentence that says which addresses there are instead. */
    private String localAddressMissing(TunnelSpec spec) {
        String others =
                some(
                        addresses().stream()
                                .filter(a -> a.address().getClass() == spec.local().getClass())
                                .filter(a -> !a.address().isLoopbackAddress())
                                .filter(a -> !tunnelsByDevice.containsKey(a.index()))
                                .map(LocalAddress::words));
        return "local %s is not an address of this host%s: waiting for it"
                .formatted(
                        IpPrefix.text(spec.local()),
                        others.isEmpty() ? "" : ", which has " + others);
    }

    /** The first few: a host may have thousands. */
    private static String some(Stream<String> names) {
        List<String> first = names.limit(MOST_NAMED + 1L).toList();
        return first.size() <= MOST_NAMED
                ? String.join(", ", first)
                : String.join(", ", first.subList(0, MOST_NAMED)) + " and more";
    }

    private boolean isHere(InetAddress local) {
        // all of 127.0.0.0/8 is this host's, though only 127.0.0.1 is listed
        return local == null
                || local.isLoopbackAddress()
                || isHere.computeIfAbsent(local, this::isAddressOfHost);
    }

    /**
     * One look-up tells for nearly all; a host of 10,000 tunnels has as many devices to list. Only
     * the list has the address of a device that is down.
     */
    private boolean isAddressOfHost(InetAddress address) {
        return netlink.route(address, null, 0, 0).isLocal()
                || addresses().stream().anyMatch(a -> a.address().equals(address));
    }

    private List<LocalAddress> addresses() {
        if (addresses == null) {
            addresses = netlink.addresses();
        }
        return addresses;
    }

    private RouteAnswer route(TunnelSpec spec, int linkIndex) {
        return netlink.route(spec.remote(), spec.local(), linkIndex, 0);
    }

    /** Follows the way of the outer packets from tunnel to tunnel until it leaves or comes back. */
    private String loop(TunnelSpec spec, RouteAnswer firstRoute) {
        RouteAnswer route = firstRoute;
        Set<Integer> passed = new HashSet<>();
        LiveTunnel carrier = tunnelsByDevice.get(route.outIndex());
        while (carrier != null && passed.add(route.outIndex())) {
            if (carrier.name().equals(spec.name())) {
                return loopSentence(spec, firstRoute);
            }
            int linkIndex = linkIndex(carrier.spec());
            if (linkIndex == TunnelEndpoint.NO_LINK) {
                return null;
            }
            route = route(carrier.spec(), linkIndex);
            carrier = tunnelsByDevice.get(route.outIndex());
        }
        return null;
    }

    /** Of several next hops the kernel chooses one for each flow; empty when none is the tunnel. */
    private String loopByOneHop(TunnelSpec spec, int linkIndex) {
        boolean isOneOfThem =
                netlink.hops(spec.remote(), spec.local(), linkIndex).stream()
                        .map(hop -> tunnelsByDevice.get(hop.outIndex()))
                        .anyMatch(tunnel -> tunnel != null && tunnel.name().equals(spec.name()));
        return isOneOfThem
                ? "one of the next hops to remote "
                        + IpPrefix.text(spec.remote())
                        + " leads back into "
                        + spec.name()
                        + ": packets that take it are dropped as loop; "
                        + routeOfItsOwn(spec)
                : "";
    }

    private String loopSentence(TunnelSpec spec, RouteAnswer route) {
        return "the route to remote "
                + IpPrefix.text(spec.remote())
                + " ("
                + route.words()
                + ") leads back into "
                + spec.name()
                + "; "
                + routeOfItsOwn(spec);
    }

    private String routeOfItsOwn(TunnelSpec spec) {
        Link underlay = netlink.links().stream().filter(this::mayCarry).findFirst().orElse(null);
        return "give the remote a route of its own, such as: ip route replace "
                + IpPrefix.text(spec.remote())
                + " via GATEWAY dev "
                + (underlay == null ? "DEVICE" : underlay.name());
    }

    private boolean mayCarry(Link link) {
        return link.isUp() && !link.isLoopback() && !tunnelsByDevice.containsKey(link.index());
    }
}
