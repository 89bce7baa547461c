package io.culvert.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Asks for and changes links, addresses and routes, as {@code ip link}, {@code ip addr} and {@code
 * ip route} do.
 *
 * <p>Each call waits for the kernel's answer, 5 seconds at most. Used by one thread at a time,
 * which need not be the one that opened it; it acts in the network namespace that the opening
 * thread was in. What the kernel refuses is a {@link LinuxException} whose message has the kernel's
 * own sentence where it gives one. Changes take CAP_NET_ADMIN, questions nothing.
 */
public final class RouteNetlink implements AutoCloseable {
    private final NetlinkSocket socket;

    private RouteNetlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Opens a socket in the calling thread's network namespace.
     *
     * @throws LinuxException when there can be none
     */
    public static RouteNetlink open() {
        return new RouteNetlink(NetlinkSocket.open());
    }

    /**
     * The device of a name.
     *
     * @throws LinuxException ENODEV when there is none
     */
    public Link link(String name) {
        return linkOf(askForLink(name), "cannot find " + name);
    }

    /**
     * The device of an index.
     *
     * @throws LinuxException ENODEV when there is none
     */
    public Link link(int index) {
        return linkOf(askForLink(index), "cannot find the device of index " + index);
    }

    /** The device of a name, if there is one. */
    public Optional<Link> findLink(String name) {
        NetlinkReply reply = askForLink(name);
        return reply.errno() == Errno.ENODEV
                ? Optional.empty()
                : Optional.of(linkOf(reply, "cannot find " + name));
    }

    private NetlinkReply askForLink(String name) {
        return socket.ask(Link.question(name), "cannot find " + name);
    }

    private NetlinkReply askForLink(int index) {
        return socket.ask(Link.question(index), "cannot find the device of index " + index);
    }

    private static Link linkOf(NetlinkReply reply, String what) {
        if (reply.failed()) {
            throw reply.exception(what, "");
        }
        return Link.read(reply.only());
    }

    /** All devices of the namespace. */
    public List<Link> links() {
        NetlinkRequest request =
                Link.request(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_DUMP, 0, 0, 0)
                        .attribute(Rtnetlink.IFLA_EXT_MASK, Rtnetlink.RTEXT_FILTER_SKIP_STATS);
        return answer(request, "cannot list the devices").stream()
                .filter(Link::isAboutDevice)
                .map(Link::read)
                .toList();
    }

    /** What a device lost since it was made; empty when there is no device of that index. */
    public Optional<LinkCounts> counts(int index) {
        String what = "cannot read the counts of the device of index " + index;
        NetlinkReply reply = socket.ask(LinkCounts.question(index), what);
        if (reply.errno() == Errno.ENODEV) {
            return Optional.empty();
        }
        if (reply.failed()) {
            throw reply.exception(what, "");
        }
        LinkCounts counts = LinkCounts.read(reply.only());
        NetlinkReply qdisc = socket.ask(LinkCounts.qdiscQuestion(index), what);
        boolean isTold = !qdisc.failed() && !qdisc.messages().isEmpty();
        return Optional.of(isTold ? counts.withQdisc(qdisc.only()) : counts);
    }

    /** Sets a device up: {@code ip link set DEV up}. */
    public void setUp(int index) {
        NetlinkRequest request =
                Link.request(Rtnetlink.RTM_NEWLINK, 0, index, Rtnetlink.IFF_UP, Rtnetlink.IFF_UP);
        answer(request, "cannot set " + nameOf(index) + " up");
    }

    /**
     * Sets a device's MTU: {@code ip link set DEV mtu N}.
     *
     * @param linkMtu bytes; the device has bounds of its own, for TUN 68 to 65535
     */
    public void setMtu(int index, int linkMtu) {
        NetlinkRequest request =
                Link.request(Rtnetlink.RTM_NEWLINK, 0, index, 0, 0)
                        .attribute(Rtnetlink.IFLA_MTU, linkMtu);
        answer(request, "cannot set the MTU of " + nameOf(index) + " to " + linkMtu);
    }

    /**
     * Sets how many packets may wait for a device to send them: {@code ip link set DEV txqueuelen
     * N}.
     */
    public void setTransmitQueue(int index, int packets) {
        NetlinkRequest request =
                Link.request(Rtnetlink.RTM_NEWLINK, 0, index, 0, 0)
                        .attribute(Rtnetlink.IFLA_TXQLEN, packets);
        answer(request, "cannot set the queue of " + nameOf(index) + " to " + packets);
    }

    /**
     * Says how the kernel is to make a device's IPv6 link-local address when it goes up: {@code ip
     * link set DEV addrgenmode MODE}.
     *
     * @param mode IN6_ADDR_GEN_MODE_* of {@link LinkIpv6}
     * @return whether the kernel obeyed; one without IPv6 does not, and need not
     */
    public boolean setAddressMode(int index, int mode) {
        NetlinkRequest request = Link.request(Rtnetlink.RTM_NEWLINK, 0, index, 0, 0);
        int families = request.beginNest(Rtnetlink.IFLA_AF_SPEC);
        int ipv6 = request.beginNest(Rtnetlink.AF_INET6);
        request.attributeOfOctet(Rtnetlink.IFLA_INET6_ADDR_GEN_MODE, mode);
        request.endNest(ipv6).endNest(families);
        try {
            answer(request, "cannot set the address mode of " + nameOf(index));
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    /** All addresses of all devices of the namespace. */
    public List<LocalAddress> addresses() {
        Map<Integer, String> names = new HashMap<>();
        for (Link link : links()) {
            names.put(link.index(), link.name());
        }
        NetlinkRequest request =
                new NetlinkRequest(Rtnetlink.RTM_GETADDR, Rtnetlink.NLM_F_DUMP)
                        .u8(Rtnetlink.AF_UNSPEC)
                        .u8(0)
                        .u16(0)
                        .u32(0);
        return answer(request, "cannot list the addresses").stream()
                .map(LocalAddress::read)
                .filter(Objects::nonNull)
                .map(address -> address.withLinkName(names.getOrDefault(address.index(), "")))
                .toList();
    }

    /**
     * Gives a device an address: {@code ip addr add ADDRESS/LENGTH dev DEV}, or {@code ip addr add
     * ADDRESS peer PEER/LENGTH dev DEV}. One that the device has already is left as it is.
     *
     * @param prefixLengthBits length of the prefix that is reached through the device: of the
     *     address, or of the peer if there is one
     * @param peer the address at the other end, or {@code null}
     */
    public void addAddress(int index, InetAddress address, int prefixLengthBits, InetAddress peer) {
        String name = nameOf(index);
        String words =
                peer == null
                        ? new IpPrefix(address, prefixLengthBits).toString()
                        : IpPrefix.text(address) + " peer " + new IpPrefix(peer, prefixLengthBits);
        String what = "cannot add " + words + " to " + name;
        LocalAddress wanted = new LocalAddress(index, name, address, prefixLengthBits, peer);
        NetlinkReply reply = socket.ask(wanted.additionRequest(), what);
        boolean isThere =
                reply.errno() == Errno.EEXIST && addresses().stream().anyMatch(wanted::isSame);
        if (reply.failed() && !isThere) {
            boolean isOff = reply.errno() == Errno.EACCES && address instanceof Inet6Address;
            throw reply.exception(
                    what,
                    isOff
                            ? "IPv6 is off there: sysctl -w net.ipv6.conf."
                                    + name
                                    + ".disable_ipv6=0"
                            : "");
        }
    }

    /**
     * Gives a device an address as the kernel gives it a link-local one of itself. One that the
     * device has already is left as it is, and one that has no IPv6 gets none.
     */
    public void addKernelsAddress(int index, InetAddress address, int prefixLengthBits) {
        String name = nameOf(index);
        String what = "cannot add " + IpPrefix.text(address) + " to " + name;
        LocalAddress wanted =
                new LocalAddress(index, name, address, prefixLengthBits, null, false, true);
        NetlinkReply reply = socket.ask(wanted.additionRequest(), what);
        switch (reply.errno()) {
            // EACCES: disable_ipv6; EINVAL: the MTU is too small, or the kernel has no IPv6 at all
            case 0, Errno.EEXIST, Errno.EACCES, Errno.EINVAL, Errno.EOPNOTSUPP -> {}
            default -> throw reply.exception(what, "");
        }
    }

    /**
     * Takes an address away: {@code ip addr del ADDRESS/LENGTH dev DEV}.
     *
     * @throws LinuxException EADDRNOTAVAIL when the device does not have it
     */
    public void removeAddress(LocalAddress address) {
        String what = "cannot remove " + IpPrefix.text(address.address());
        answer(address.removalRequest(), what + " from " + address.linkName());
    }

    /**
     * Leads a prefix to a device: {@code ip route add PREFIX dev DEV}. A route that does so already
     * is left as it is.
     *
     * @param outIndex a device that is up
     * @throws LinuxException EEXIST when the main table has another route for the prefix; the
     *     message names that route
     */
    public void addRoute(IpPrefix prefix, int outIndex) {
        String what = "cannot add route " + prefix.words() + " dev " + nameOf(outIndex);
        NetlinkReply reply = socket.ask(Route.additionRequest(prefix, outIndex), what);
        if (reply.errno() == Errno.EEXIST) {
            List<Route> existing = existing(prefix);
            if (existing.stream().noneMatch(r -> r.outIndex() == outIndex && r.gateway() == null)) {
                throw reply.exception(
                        what,
                        existing.stream()
                                .findFirst()
                                .map(route -> advice(route, route.words(nameOf(route.outIndex()))))
                                .orElse(""));
            }
            return;
        }
        if (reply.failed()) {
            throw reply.exception(what, "");
        }
    }

    /** The routes that stand where another was to go; none when they have just gone. */
    private List<Route> existing(IpPrefix prefix) {
        return mainRoutes(Rtnetlink.family(prefix.address())).stream()
                .filter(route -> route.prefix().equals(prefix))
                .toList();
    }

    /**
     * What to do about such a route. Who removes the host's default route is cut off, and the outer
     * packets with them.
     */
    private static String advice(Route route, String words) {
        boolean isIpv6 = Rtnetlink.family(route.prefix().address()) == Rtnetlink.AF_INET6;
        if (route.prefix().lengthBits() != 0 || route.type() != RouteType.UNICAST) {
            String command = isIpv6 ? "ip -6 route del " : "ip route del ";
            return "there is " + words + "; remove it with: " + command + words;
        }
        String halves = isIpv6 ? "route ::/1 route 8000::/1" : "route 0.0.0.0/1 route 128.0.0.0/1";
        String ownRoutes =
                route.gateway() == null && route.outIndex() == 0 // several hops
                        ? "by the hops of the old one"
                        : "(ip route add ADDR" + words.substring("default".length()) + ")";
        return String.format(
                "there is %s; leave it: give %s of its own %s, then say %s in place of route %s",
                words,
                isIpv6
                        ? "whoever works here by ssh a route"
                        : "the remote, and whoever works here by ssh, a route",
                ownRoutes,
                halves,
                isIpv6 ? "::/0" : "default");
    }

    private List<Route> mainRoutes(int family) {
        NetlinkRequest request =
                Route.request(Rtnetlink.RTM_GETROUTE, Rtnetlink.NLM_F_DUMP, family, 0, 0)
                        .u8(Rtnetlink.RT_TABLE_UNSPEC)
                        .u8(Rtnetlink.RTPROT_UNSPEC)
                        .u8(Rtnetlink.RT_SCOPE_UNIVERSE)
                        .u8(Rtnetlink.RTN_UNSPEC)
                        .u32(0);
        return answer(request, "cannot list the routes").stream()
                .filter(Route::isAboutIp)
                .map(Route::read)
                .filter(route -> route.table() == Rtnetlink.RT_TABLE_MAIN)
                .toList();
    }

    /**
     * Takes away what {@link #addRoute} added: {@code ip route del PREFIX dev DEV}.
     *
     * @throws LinuxException ESRCH when there is no such route
     */
    public void removeRoute(IpPrefix prefix, int outIndex) {
        String what = "cannot remove route " + prefix.words() + " dev " + nameOf(outIndex);
        answer(Route.removalRequest(prefix, outIndex), what);
    }

    /**
     * Where packets go, as {@code ip route get} tells it. That there is no way, or that a route
     * refuses them, is an answer and no exception.
     *
     * @param destination where the packets are to go
     * @param source their source, or {@code null} for none yet
     * @param outIndex device they have to leave by (SO_BINDTODEVICE), or 0
     * @param mark their firewall mark (SO_MARK), or 0
     * @throws LinuxException when the question makes no sense, such as ENODEV for the device
     */
    public RouteAnswer route(InetAddress destination, InetAddress source, int outIndex, int mark) {
        return new RouteLookup(socket, destination, source, outIndex, mark).answer();
    }

    /**
     * The next hops among which the kernel chooses for each flow to a destination.
     *
     * @param source the packets' source, or {@code null} for none yet
     * @param outIndex device they have to leave by (SO_BINDTODEVICE), or 0
     * @return none where the route has one hop, or there is no route
     */
    public List<RouteHop> hops(InetAddress destination, InetAddress source, int outIndex) {
        return new RouteLookup(socket, destination, source, outIndex, 0).hops();
    }

    /**
     * What limits the size of packets to a destination, by source.
     *
     * @param source the packets' source, or {@code null} for none yet
     * @param outIndex device they have to leave by (SO_BINDTODEVICE), or 0
     */
    public RouteMtus mtus(InetAddress destination, InetAddress source, int outIndex) {
        return route(destination, source, outIndex, 0).mtus();
    }

    /** The neighbours on the namespace's links; it is used as this is, and closed with it. */
    public NeighbourTable neighbours() {
        return new NeighbourTable(socket);
    }

    private String nameOf(int index) {
        NetlinkReply reply = askForLink(index);
        return reply.failed() ? "device " + index : Link.read(reply.only()).name();
    }

    private List<NetlinkMessage> answer(NetlinkRequest request, String what) {
        NetlinkReply reply = socket.ask(request, what);
        if (reply.failed()) {
            throw reply.exception(what, "");
        }
        return reply.messages();
    }

    @Override
    public void close() {
        socket.close();
    }
}
