package io.culvert.control;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteType;
import io.culvert.spec.TunnelSpec;
import java.net.InetAddress;

/**
 * The way of a tunnel's outer packets, as the kernel's routes have it.
 *
 * @param tunnel the tunnel's name
 * @param hasLocal whether it has a local address of its own
 * @param objection why packets must not go round the host's IP; empty if they may
 * @param route {@code null} for none, also when the tunnel must not send
 */
record OuterWay(String tunnel, boolean hasLocal, String objection, RouteAnswer route) {

    /** Of a tunnel. */
    static OuterWay of(TunnelSpec spec, IpsecCheck ipsec, RouteAnswer route) {
        return new OuterWay(spec.name(), spec.local() != null, ipsec.objection(spec), route);
    }

    /** Whether packets go anywhere at all. */
    boolean isThere() {
        return route != null && route.isReachable();
    }

    /** The interface that packets leave by; 0 for none. */
    int interfaceIndex() {
        return isThere() ? route.outIndex() : 0;
    }

    /** Who gets the packets on the link: the gateway, or the remote itself. */
    InetAddress neighbour() {
        return route.gateway() == null ? route.destination() : route.gateway();
    }

    /**
     * What keeps packets from being addressed at the link, for a person; empty for nothing.
     *
     * @param link the interface that packets leave by
     */
    String obstacle(Link link) {
        if (!hasLocal) {
            // the kernel would fill it in
            InetAddress source = route.preferredSource();
            return "it has no local address; give it one: local "
                    + (source == null ? "ADDRESS" : IpPrefix.text(source));
        }
        if (!objection.isEmpty()) {
            // packet sockets, which receive for all, are chosen or not when the process starts
            return objection + "; start again to receive by raw sockets, too";
        }
        if (route.type() != RouteType.UNICAST) {
            return "the way to its remote is " + route.words();
        }
        if (route.isEncapsulating()) {
            return "the route to its remote encapsulates: " + route.words();
        }
        if (!link.isEthernet() || link.isLoopback()) {
            return link.name() + " is no Ethernet";
        }
        return "";
    }
}
