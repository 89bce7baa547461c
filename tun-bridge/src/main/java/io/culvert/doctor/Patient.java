package io.culvert.doctor;

import io.culvert.control.InterfaceAddress;
import io.culvert.control.TunnelConfig;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.LocalAddress;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteHop;
import io.culvert.netlink.RouteMtus;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is examined: a host, and a tunnel on it if one was named. The tunnel need not run.
 *
 * @param host what can be looked at
 * @param tunnel the tunnel; {@code null} when the host is examined for any tunnel
 * @param passesHostIpBy whether its outer packets bypass the host's IP, by packet sockets
 * @param served the tunnels that processes of Culvert run here, this one among them if it runs
 */
public record Patient(
        Host host, TunnelConfig tunnel, boolean passesHostIpBy, List<ServedTunnel> served) {

    /** One whose outer packets go through the host's IP, if there are any yet. */
    public Patient(Host host, TunnelConfig tunnel) {
        this(host, tunnel, false, List.of());
    }

    /** The tunnel of this name that a process of Culvert runs here. */
    Optional<ServedTunnel> served(String name) {
        return served.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    /**
     * Tunnels of Culvert here, without this one. One that was described without its name is known
     * by its addresses.
     */
    List<ServedTunnel> others() {
        if (served(name()).isPresent()) {
            return served.stream().filter(s -> !s.name().equals(name())).toList();
        }
        return served.stream().filter(s -> !hasAddressesOf(s.config().spec())).toList();
    }

    private boolean hasAddressesOf(TunnelSpec other) {
        return TunnelMode.of(other) == TunnelMode.of(spec())
                && Objects.equals(other.remote(), spec().remote())
                && Objects.equals(other.local(), spec().local());
    }

    /** The commands that run this tunnel in another way. */
    Rerun rerun() {
        return new Rerun(
                tunnel,
                device().map(Link::kind).orElse(""),
                served(name()).orElse(null),
                passesHostIpBy ? "--underlay packet" : "");
    }

    boolean hasTunnel() {
        return tunnel != null;
    }

    /** The tunnel's; only when there is one. */
    TunnelSpec spec() {
        return tunnel.spec();
    }

    /** The tunnel's name in commands; one that can be typed when there is no tunnel. */
    String name() {
        return hasTunnel() ? spec().name() : "tun0";
    }

    /** The tunnel's device, when it is there. */
    Optional<Link> device() {
        return hasTunnel() ? link(spec().name()) : Optional.empty();
    }

    Optional<Link> link(String name) {
        return host.links().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    /** The outer protocols that the tunnel sends and receives; all three without a tunnel. */
    List<Integer> protocols() {
        if (!hasTunnel()) {
            return List.of(IpProtocol.GRE, IpProtocol.IPIP, IpProtocol.IPV6);
        }
        return spec().outerProtocols();
    }

    /**
     * The way of the tunnel's outer packets. A local address that is not the host's is left out of
     * the question: that is a finding of its own.
     */
    RouteAnswer route() {
        return routeOf(spec());
    }

    /** The same of any tunnel here. */
    RouteAnswer routeOf(TunnelSpec spec) {
        return host.route(spec.remote(), sourceOf(spec), linkOf(spec));
    }

    /** The next hops among which the kernel chooses; none when there is one, or none at all. */
    List<RouteHop> hops() {
        return host.hops(spec().remote(), sourceOf(spec()), linkOf(spec()));
    }

    /** What limits the size of its outer packets. */
    RouteMtus mtus() {
        return host.mtus(spec().remote(), sourceOf(spec()), linkOf(spec()));
    }

    private InetAddress sourceOf(TunnelSpec spec) {
        return isHere(spec.local()) ? spec.local() : null;
    }

    private int linkOf(TunnelSpec spec) {
        return spec.link() == null ? 0 : link(spec.link()).map(Link::index).orElse(0);
    }

    /** The source address of outer packets; {@code null} when there is no route. */
    InetAddress outerSource() {
        return spec().local() != null ? spec().local() : route().preferredSource();
    }

    boolean isHere(InetAddress address) {
        return address == null
                || address.isLoopbackAddress()
                || host.addresses().stream().anyMatch(a -> a.address().equals(address));
    }

    /** The addresses that the tunnel's device has, or is to have. */
    List<InterfaceAddress> innerAddresses() {
        Optional<Link> device = device();
        if (device.isEmpty()) {
            return hasTunnel() ? tunnel.addresses() : List.of();
        }
        return host.addresses().stream()
                .filter(address -> address.index() == device.get().index())
                .filter(address -> !address.address().isLinkLocalAddress())
                .map(Patient::interfaceAddress)
                .toList();
    }

    private static InterfaceAddress interfaceAddress(LocalAddress address) {
        return new InterfaceAddress(address.address(), address.prefixLengthBits(), address.peer());
    }

    /** The networks that are reached through the tunnel: those of its addresses and its routes. */
    List<IpPrefix> innerNetworks() {
        List<IpPrefix> networks = new ArrayList<>();
        for (InterfaceAddress address : innerAddresses()) {
            InetAddress reached = address.peer() == null ? address.address() : address.peer();
            networks.add(new IpPrefix(reached, address.prefixLengthBits()));
        }
        if (hasTunnel()) {
            tunnel.routes().forEach(r -> networks.add(new IpPrefix(r.address(), r.lengthBits())));
        }
        return networks;
    }
}
