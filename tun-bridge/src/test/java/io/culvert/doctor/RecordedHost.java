package io.culvert.doctor;

import io.culvert.linux.Errno;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.LinkCounts;
import io.culvert.netlink.LocalAddress;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteHop;
import io.culvert.netlink.RouteMtus;
import io.culvert.netlink.RouteType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A host that is what a test says: files and programs' outputs as they were recorded elsewhere. By
 * itself it is 192.0.2.1 on {@code eth0}, with the rights that tunnels need and without a packet
 * filter.
 */
final class RecordedHost implements Host {
    private static final int IFF_UP = 1;
    private static final int IFF_LOWER_UP = 1 << 16;

    private final Map<String, String> files = new HashMap<>();
    private final Map<String, Integer> openErrors = new HashMap<>();
    private final Map<Integer, LinkCounts> counts = new HashMap<>();
    private final List<String> queueHolders = new ArrayList<>();
    private final Map<String, ProgramOutput> programs = new HashMap<>();
    private final Map<String, RouteAnswer> routes = new HashMap<>();
    private final Map<String, Set<String>> features = new HashMap<>();
    private final List<Link> links = new ArrayList<>();
    private final List<LocalAddress> addresses = new ArrayList<>();
    private RouteMtus mtus; // null for those of the device
    private final List<RouteHop> hops = new ArrayList<>();

    RecordedHost() {
        link("eth0", 1500, "veth");
        address("eth0", "192.0.2.1", 24);
        file("/proc/self/status", "Name:\tjava\nCapEff:\t000001ffffffffff\n");
        file("/proc/version", "Linux version 6.1.0-25-amd64 (debian-kernel@lists.debian.org)\n");
        program("nft -j list ruleset", "{\"nftables\": [{\"metainfo\": {}}]}");
        program("nft -a list ruleset", "");
    }

    RecordedHost file(String path, String text) {
        files.put(path, text);
        return this;
    }

    RecordedHost openError(String path, int errno) {
        openErrors.put(path, errno);
        return this;
    }

    RecordedHost program(String line, String stdout) {
        programs.put(line, new ProgramOutput(0, stdout, ""));
        return this;
    }

    RecordedHost failing(String line, String stderr) {
        programs.put(line, new ProgramOutput(1, "", stderr));
        return this;
    }

    RecordedHost without(String line) {
        programs.remove(line);
        return this;
    }

    RecordedHost link(String name, int mtu, String kind) {
        links.add(new Link(links.size() + 1, name, mtu, IFF_UP | IFF_LOWER_UP, kind, 1));
        return this;
    }

    RecordedHost linkWithoutCarrier(String name, int mtu, String kind) {
        links.add(new Link(links.size() + 1, name, mtu, IFF_UP, kind, 1));
        return this;
    }

    RecordedHost feature(String linkName, String feature) {
        features.computeIfAbsent(linkName, name -> new TreeSet<>()).add(feature);
        return this;
    }

    RecordedHost address(String linkName, String address, int lengthBits) {
        int index = links.stream().filter(l -> l.name().equals(linkName)).findFirst().get().index();
        addresses.add(new LocalAddress(index, linkName, ip(address), lengthBits, null));
        return this;
    }

    /** A route to one destination; all others are behind {@code eth0}. */
    RecordedHost route(String destination, String prefix, int lengthBits, String device) {
        routes.put(destination, answer(destination, new IpPrefix(ip(prefix), lengthBits), device));
        return this;
    }

    /** A destination behind a router on {@code eth0}; {@code null} for one on its link. */
    RecordedHost routeVia(String destination, String gateway) {
        RouteAnswer onLink = answer(destination, new IpPrefix(ip("0.0.0.0"), 0), "eth0");
        routes.put(destination, answer(onLink, RouteType.UNICAST, gateway, onLink.outName()));
        return this;
    }

    /** An address of the host itself. */
    RecordedHost local(String address) {
        RouteAnswer onLink = answer(address, IpPrefix.host(ip(address)), "eth0");
        routes.put(address, answer(onLink, RouteType.LOCAL, null, "lo"));
        return this;
    }

    private static RouteAnswer answer(
            RouteAnswer like, RouteType type, String gateway, String device) {
        return new RouteAnswer(
                like.destination(),
                type,
                0,
                like.outIndex(),
                device,
                gateway == null ? null : ip(gateway),
                like.preferredSource(),
                like.matchedPrefix(),
                like.table(),
                like.metric(),
                like.mtus(),
                false);
    }

    RecordedHost noRoute(String destination) {
        routes.put(
                destination,
                new RouteAnswer(
                        ip(destination),
                        RouteType.NO_ROUTE,
                        Errno.ENETUNREACH,
                        0,
                        "",
                        null,
                        null,
                        null,
                        0,
                        0,
                        RouteMtus.ofLink(0),
                        false));
        return this;
    }

    private RouteAnswer answer(String destination, IpPrefix prefix, String device) {
        Link link = links.stream().filter(l -> l.name().equals(device)).findFirst().get();
        return new RouteAnswer(
                ip(destination),
                RouteType.UNICAST,
                0,
                link.index(),
                device,
                null,
                ip("192.0.2.1"),
                prefix,
                254,
                0,
                RouteMtus.ofLink(link.linkMtu()),
                false);
    }

    @Override
    public Optional<String> text(String path) {
        return Optional.ofNullable(files.get(path));
    }

    @Override
    public boolean exists(String path) {
        return files.containsKey(path);
    }

    @Override
    public Optional<LinkCounts> counts(int linkIndex) {
        return Optional.ofNullable(counts.get(linkIndex));
    }

    @Override
    public List<String> queueHolders(String deviceName) {
        return queueHolders;
    }

    /** What the device made last has lost. */
    RecordedHost counts(LinkCounts lost) {
        counts.put(links.size(), lost);
        return this;
    }

    RecordedHost queueHolders(String... processes) {
        queueHolders.addAll(List.of(processes));
        return this;
    }

    @Override
    public int openError(String path) {
        return openErrors.getOrDefault(path, 0);
    }

    @Override
    public Optional<ProgramOutput> run(String... command) {
        return Optional.ofNullable(programs.get(String.join(" ", command)));
    }

    @Override
    public Set<String> features(String link) {
        return features.getOrDefault(link, Set.of());
    }

    @Override
    public List<Link> links() {
        return links;
    }

    @Override
    public List<LocalAddress> addresses() {
        return addresses;
    }

    @Override
    public RouteAnswer route(InetAddress destination, InetAddress source, int outIndex) {
        String text = IpPrefix.text(destination);
        RouteAnswer known = routes.get(text);
        return known != null ? known : answer(text, new IpPrefix(ip("0.0.0.0"), 0), "eth0");
    }

    @Override
    public RouteMtus mtus(InetAddress destination, InetAddress source, int outIndex) {
        return mtus != null
                ? mtus
                : new RouteMtus(route(destination, source, outIndex).pathMtu(), 0, 0, 0, false);
    }

    RecordedHost mtus(RouteMtus all) {
        mtus = all;
        return this;
    }

    @Override
    public List<RouteHop> hops(InetAddress destination, InetAddress source, int outIndex) {
        return hops;
    }

    /** All routes choose among these devices. */
    RecordedHost hops(String... devices) {
        for (String device : devices) {
            Link link = links.stream().filter(l -> l.name().equals(device)).findFirst().get();
            hops.add(new RouteHop(link.index(), null));
        }
        return this;
    }

    static InetAddress ip(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
