package io.culvert.control;

import io.culvert.channel.Lane;
import io.culvert.channel.Lanes;
import io.culvert.channel.UnderlayNeeds;
import io.culvert.device.KnownPathMtu;
import io.culvert.device.OuterProtocol;
import io.culvert.device.TunDevice;
import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.RouteNetlink;
import io.culvert.packet.DropReason;
import io.culvert.pipeline.TunnelPort;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.LaneShare;
import io.culvert.tunnel.RememberedErrors;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.wire.IpVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Opens tunnels one after the other: checks, sockets, device, addresses, routes. */
final class TunnelOpener {
    /**
     * Packets that wait in a device until its lane has a processor again. With the 1000 of the
     * kernel's tunnels, one TCP stream without offload, or with VXLAN inside, overran it again and
     * again: 1,000 to 5,000 retransmissions in 4 seconds at 0.9 to 1.8 Gb/s, with 2000 none at 1.5
     * to 2.0. Four streams lose some with 2000 as well (2,000 to 11,000, for 22,000 to 40,000 with
     * 1000) and none with 4000, at the same throughput: there the longer queue is but a longer
     * wait.
     */
    private static final int TRANSMIT_QUEUE = 2000;

    private final RouteNetlink netlink;
    private final Lanes lanes;
    private final LinkLocalAddresses linkLocal;
    private final BiConsumer<String, Throwable> onDeviceFailure;
    private final List<LiveTunnel> opened = new ArrayList<>();
    private final Map<Integer, LiveTunnel> openedByDevice = new HashMap<>();

    /**
     * @param linkLocal gives devices their link-local addresses
     * @param onDeviceFailure takes a tunnel's name and what ended its device, on a lane's thread
     */
    TunnelOpener(
            RouteNetlink netlink,
            Lanes lanes,
            LinkLocalAddresses linkLocal,
            BiConsumer<String, Throwable> onDeviceFailure) {
        this.netlink = netlink;
        this.lanes = lanes;
        this.linkLocal = linkLocal;
        this.onDeviceFailure = onDeviceFailure;
    }

    /** The tunnels opened, in order. */
    List<LiveTunnel> opened() {
        return opened;
    }

    /**
     * Opens one more. When it fails, nothing of it is left, and those before it are as they were.
     *
     * @throws TunnelException that says what stands in the way
     * @throws LinuxException when the system refuses
     */
    void open(TunnelConfig config, UnderlayNeeds needs) throws TunnelException {
        TunnelSpec spec = config.spec();
        UnderlayState underlay = new UnderlayCheck(netlink, openedByDevice).of(spec);
        refuseLoop(spec, underlay);
        OuterProtocol.allOf(spec).forEach(protocol -> lanes.openUnderlay(protocol, needs));
        List<TunDevice> devices = openDevices(config);
        int deviceIndex = devices.get(0).interfaceIndex();
        try {
            LiveTunnel tunnel = prepare(config, devices, underlay);
            openedByDevice.put(deviceIndex, tunnel);
            configure(devices.get(0), config, tunnel.innerMtu());
            refuseLoop(spec, new UnderlayCheck(netlink, openedByDevice).of(spec));
            join(tunnel);
            opened.add(tunnel);
        } catch (TunnelException | RuntimeException e) {
            openedByDevice.remove(deviceIndex);
            devices.forEach(TunDevice::close);
            throw e;
        }
    }

    /** Its state, with which no lane has to do yet. */
    private LiveTunnel prepare(
            TunnelConfig config, List<TunDevice> devices, UnderlayState underlay) {
        TunnelSpec spec = config.spec();
        boolean isUnderlayKnown = underlay.underlayMtu() != 0;
        int underlayMtu = isUnderlayKnown ? underlay.underlayMtu() : UnderlayCheck.DEFAULT_MTU;
        int innerMtu = spec.innerMtuOver(underlayMtu);
        int linkIndex = new UnderlayCheck(netlink, openedByDevice).linkIndex(spec);
        List<TunnelPort> ports = new ArrayList<>();
        RememberedErrors rememberedErrors = new RememberedErrors();
        for (Lane lane : lanes.all()) {
            TunnelEndpoint endpoint = new TunnelEndpoint(spec, opened.size(), linkIndex);
            LaneShare share = new LaneShare(lane.index(), devices.size(), rememberedErrors);
            TunnelPort port = new TunnelPort(endpoint, underlayMtu, lane.asideBatches(), share);
            port.innerMtu(innerMtu);
            port.encapsulator().source(underlay.source());
            if (underlay.pathMtu() > 0) {
                port.pathMtu().known(underlay.pathMtu(), true);
            }
            port.pathMtu().host(KnownPathMtu.of(spec));
            ports.add(port);
        }
        PeerKeepalive keepalive = PeerKeepalive.of(config, devices.get(0), ports);
        if (keepalive != null) {
            keepalive.local(underlay.source());
        }
        boolean isMtuGuessed = spec.device().innerMtu() == 0 && !isUnderlayKnown;
        return new LiveTunnel(
                config,
                devices,
                ports,
                keepalive,
                innerMtu,
                isMtuGuessed,
                lanes.underlay(OuterProtocol.allOf(spec).get(0)));
    }

    /** Gives it to the lanes, which own its devices from then on. */
    private void join(LiveTunnel tunnel) {
        TunnelSpec spec = tunnel.spec();
        for (Lane lane : lanes.all()) {
            TunnelPort port = tunnel.ports().get(lane.index());
            lane.addDevice(
                    tunnel.devices().get(lane.index()),
                    port,
                    OuterProtocol.allOf(spec).get(0),
                    cause -> onDeviceFailure.accept(spec.name(), cause));
            if (spec.link() != null) {
                lane.sendByLink(port.endpoint().index(), port.endpoint().linkIndex());
            }
        }
    }

    /**
     * A queue for each lane, or the only one for all of them. Sequence numbers are those of the
     * tunnel: lanes that number packets side by side could not keep them in order.
     */
    private List<TunDevice> openDevices(TunnelConfig config) throws TunnelException {
        TunnelSpec spec = config.spec();
        refuseSharing(spec.name());
        int wanted = spec.gre().outputSequence() ? 1 : lanes.all().size();
        List<TunDevice> devices =
                new ArrayList<>(
                        TunDevice.openQueues(
                                spec.name(),
                                opened.size(),
                                config.offload(),
                                wanted,
                                spec.payload().isEthernet()));
        TunDevice first = devices.get(0);
        try {
            while (devices.size() < lanes.all().size()) {
                devices.add(first.writeOnlyTwin());
            }
        } catch (LinuxException e) {
            devices.forEach(TunDevice::close);
            throw e;
        }
        return devices;
    }

    /** The kernel would let us in, and give both processes a share of the packets. */
    private void refuseSharing(String name) throws TunnelException {
        String objection = netlink.findLink(name).map(ForeignQueues::objection).orElse("");
        if (!objection.isEmpty()) {
            throw new TunnelException(TunnelException.Kind.FAILED, objection);
        }
    }

    private void configure(TunDevice device, TunnelConfig config, int innerMtu)
            throws TunnelException {
        int index = device.interfaceIndex();
        netlink.setMtu(index, innerMtu);
        if (!device.isPersistent()) { // who made it may have chosen
            netlink.setTransmitQueue(index, TRANSMIT_QUEUE);
        }
        linkLocal.prepare(device, config.spec());
        for (InterfaceAddress address : config.addresses()) {
            refuseIpv6WithoutRoom(config.spec(), address, innerMtu);
            if (!needsDeviceUp(address)) {
                addAddress(index, address);
            }
        }
        netlink.setUp(index);
        linkLocal.raise(index);
        for (InterfaceAddress address : config.addresses()) {
            if (needsDeviceUp(address)) {
                addAddress(index, address);
            }
        }
        for (Prefix route : config.routes()) {
            netlink.addRoute(new IpPrefix(route.address(), route.lengthBits()), index);
        }
    }

    private void addAddress(int index, InterfaceAddress address) {
        netlink.addAddress(index, address.address(), address.prefixLengthBits(), address.peer());
    }

    /** Linux makes the route to an IPv6 peer when the address comes, but not on a device down. */
    private static boolean needsDeviceUp(InterfaceAddress address) {
        return address.peer() != null && address.ipVersion() == IpVersion.IPV6;
    }

    /** The kernel would only say EINVAL: it keeps IPv6 off devices below its least MTU. */
    private static void refuseIpv6WithoutRoom(
            TunnelSpec spec, InterfaceAddress address, int innerMtu) throws TunnelException {
        if (address.ipVersion() == IpVersion.IPV6 && innerMtu < TunnelSpec.MIN_IPV6_MTU) {
            throw new TunnelException(
                    TunnelException.Kind.FAILED,
                    "%s: address %s needs an MTU of %d, and the underlay leaves %d: %s"
                            .formatted(
                                    spec.name(),
                                    address,
                                    TunnelSpec.MIN_IPV6_MTU,
                                    innerMtu,
                                    spec.outer() instanceof OuterIpv4
                                            ? "add mtu %d nopmtudisc"
                                                    .formatted(TunnelSpec.MIN_IPV6_MTU)
                                            : "outer IPv6 packets are never fragmented, so it"
                                                    + " takes a link with a larger MTU"));
        }
    }

    /** What is not there yet is waited for; a loop is a mistake in the words or the routes. */
    private static void refuseLoop(TunnelSpec spec, UnderlayState state) throws TunnelException {
        if (state.obstacle() == DropReason.ROUTE_LOOP) {
            throw new TunnelException(
                    TunnelException.Kind.FAILED, spec.name() + ": " + state.explanation());
        }
    }
}
