package io.culvert.control;

import io.culvert.device.TunDevice;
import io.culvert.netlink.Link;
import io.culvert.netlink.LinkIpv6;
import io.culvert.netlink.LocalAddress;
import io.culvert.netlink.NetlinkEvent;
import io.culvert.netlink.RouteNetlink;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/*
 * What Linux gives its own tunnels when they go up, from net/ipv6/addrconf.c and as 6.1 was seen to:
 *
 *   kind   local A.B.C.D         local any
 *   gre    fe80::5efe:A.B.C.D    fe80::A.B.C.D of each IPv4 address of the host
 *   ipip   fe80::5efe:A.B.C.D    none
 *   sit    fe80::A.B.C.D         fe80::A.B.C.D of each IPv4 address of the host
 *
 * That is so in mode eui64. In mode none there is none; random and stable_secret are followed by gre
 * and ipip, not by sit. A TUN device has no address to derive one from: going up in mode eui64, it
 * changes to random and gets another one at each start. So ours is set to none, and what its
 * tunnel's kind would have is given to it here, marked as the kernel's own (IFAPROT_KERNEL_LL).
 * A TUN device with such an address solicits routers, as gre and sit do, and ipip does not: in a
 * tunnel that carries no IPv6 each solicitation would be a packet to drop, so that is turned off.
 */

/**
 * Gives tunnels' devices the IPv6 link-local addresses that the kernel's tunnels of the same kind
 * have, so that they are the same after each start. Used by one thread at a time.
 */
final class LinkLocalAddresses {
    private static final Path IPV6_SETTINGS = Path.of("/proc/sys/net/ipv6/conf");
    private static final int PREFIX_LENGTH = 64;

    private final RouteNetlink netlink;
    private final Map<Integer, Derived> derivedByDevice = new HashMap<>();

    LinkLocalAddresses(RouteNetlink netlink) {
        this.netlink = netlink;
    }

    /** A device whose addresses are made here. */
    private static final class Derived {
        private final TunnelSpec spec;
        private final int modeBefore;
        private final boolean isPersistent;
        private boolean isRaised;

        Derived(TunnelSpec spec, int modeBefore, boolean isPersistent) {
            this.spec = spec;
            this.modeBefore = modeBefore;
            this.isPersistent = isPersistent;
        }
    }

    /** Takes over from the kernel, unless the user chose otherwise; before the device is set up. */
    void prepare(TunDevice device, TunnelSpec spec) {
        int index = device.interfaceIndex();
        Link link = netlink.link(index);
        int mode = link.ipv6().addressMode();
        boolean isWithoutIpv6 = spec.payload() == Payload.IPV4;
        if (isDerived(spec, link, device.isPersistent())
                && (!isWithoutIpv6 || solicitsNoRouters(link.name()))) {
            boolean wasOurs = mode == LinkIpv6.IN6_ADDR_GEN_MODE_NONE;
            int modeBefore = wasOurs ? LinkIpv6.IN6_ADDR_GEN_MODE_EUI64 : mode;
            derivedByDevice.put(index, new Derived(spec, modeBefore, device.isPersistent()));
            netlink.setAddressMode(index, LinkIpv6.IN6_ADDR_GEN_MODE_NONE);
        } else if (isWithoutIpv6) {
            netlink.setAddressMode(index, LinkIpv6.IN6_ADDR_GEN_MODE_NONE);
        }
    }

    /** Turns them off; false where that cannot be done, as in containers. */
    private static boolean solicitsNoRouters(String name) {
        try {
            Files.writeString(IPV6_SETTINGS.resolve(name).resolve("router_solicitations"), "0");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isDerived(TunnelSpec spec, Link link, boolean isPersistent) {
        if (!isOfKindWithDerivedOnes(spec)) {
            return false;
        }
        return switch (link.ipv6().addressMode()) {
            // a killed run leaves its mode and its addresses, which no user would have with it
            case LinkIpv6.IN6_ADDR_GEN_MODE_NONE ->
                    isPersistent && kernelsAddresses(link.index()).stream().findAny().isPresent();
            // what a TUN device that went up before us changed to, or else somebody's choice
            case LinkIpv6.IN6_ADDR_GEN_MODE_RANDOM ->
                    TunnelMode.of(spec) == TunnelMode.SIT || isPersistent && link.isUp();
            case LinkIpv6.IN6_ADDR_GEN_MODE_STABLE_PRIVACY -> TunnelMode.of(spec) == TunnelMode.SIT;
            default -> true;
        };
    }

    /** Other kinds have random ones, as a TUN device, or that of an Ethernet address. */
    private static boolean isOfKindWithDerivedOnes(TunnelSpec spec) {
        return switch (TunnelMode.of(spec)) {
            case GRE, IPIP, SIT -> true;
            case GRETAP, IP6GRE, IP6GRETAP, IP6TNL -> false;
        };
    }

    /** Gives a device that is up what its kind would have, and takes what it would not have. */
    void raise(int index) {
        Derived derived = derivedByDevice.get(index);
        if (derived == null) {
            return;
        }
        netlink.setAddressMode(index, LinkIpv6.IN6_ADDR_GEN_MODE_NONE);
        Set<InetAddress> wanted = new HashSet<>(of(derived.spec));
        for (LocalAddress address : kernelsAddresses(index)) {
            if (!wanted.contains(address.address())) {
                netlink.removeAddress(address);
            }
        }
        for (InetAddress address : wanted) {
            netlink.addKernelsAddress(index, address, PREFIX_LENGTH);
        }
        derived.isRaised = true;
    }

    private List<LocalAddress> kernelsAddresses(int index) {
        return netlink.addresses().stream()
                .filter(
                        a ->
                                a.index() == index
                                        && a.isKernels()
                                        && a.address().isLinkLocalAddress())
                .toList();
    }

    private List<InetAddress> of(TunnelSpec spec) {
        if (spec.local() == null && TunnelMode.of(spec) == TunnelMode.IPIP) {
            return List.of();
        }
        if (spec.local() != null) {
            return List.of(
                    TunnelMode.of(spec) == TunnelMode.SIT
                            ? LinkLocal.ofIpv4(spec.local())
                            : LinkLocal.ofIsatap(spec.local()));
        }
        Set<Integer> up =
                netlink.links().stream()
                        .filter(Link::isUp)
                        .map(Link::index)
                        .collect(Collectors.toSet());
        return netlink.addresses().stream()
                .filter(a -> a.isGlobal() && up.contains(a.index()))
                .map(LocalAddress::address)
                .filter(Inet4Address.class::isInstance)
                .map(LinkLocal::ofIpv4)
                .toList();
    }

    /** A device that goes down loses its addresses. */
    void heard(NetlinkEvent event) {
        if (event instanceof NetlinkEvent.LinkChanged changed && !canHaveAny(changed.link())) {
            lowered(changed.link().index());
        } else if (event instanceof NetlinkEvent.LinkMoved moved) {
            lowered(moved.index());
        }
    }

    private void lowered(int index) {
        Derived derived = derivedByDevice.get(index);
        if (derived != null) {
            derived.isRaised = false;
        }
    }

    private static boolean canHaveAny(Link link) {
        return link.isUp()
                && link.ipv6().isOn()
                && link.linkMtu() >= TunnelSpec.MIN_IPV6_MTU; // is told before IPv6 has gone
    }

    /** Gives a device its addresses again that went up, or has IPv6 again. */
    void follow(Link link) {
        Derived derived = derivedByDevice.get(link.index());
        if (derived == null) {
            return;
        }
        if (!canHaveAny(link)) {
            derived.isRaised = false;
        } else if (!derived.isRaised) {
            raise(link.index());
        }
    }

    /** Gives devices that stay back to the kernel. */
    void release() {
        derivedByDevice.forEach(
                (index, derived) -> {
                    if (derived.isPersistent && derived.modeBefore >= 0) {
                        netlink.setAddressMode(index, derived.modeBefore);
                    }
                });
    }
}
