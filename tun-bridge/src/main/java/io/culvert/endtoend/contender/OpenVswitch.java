package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Addresses;
import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Topology;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Open vSwitch with its datapath in user space: Ethernet in GRE. */
record OpenVswitch() implements Contender {
    private static final int INNER_MTU = 1462;
    private static final List<String> PROGRAMS =
            List.of("ovsdb-tool", "ovsdb-server", "ovs-vswitchd", "ovs-vsctl");
    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");

    @Override
    public String name() {
        return "openvswitch-gre";
    }

    @Override
    public String description() {
        return "Open vSwitch's userspace datapath, Ethernet in GRE";
    }

    @Override
    public Optional<String> obstacle() {
        return PROGRAMS.stream()
                .filter(program -> !Command.exists(program))
                .findFirst()
                .map(program -> program + " is not installed");
    }

    @Override
    public Way bringUp(Topology topology) throws InterruptedException {
        List<EndpointProcess> left = start(topology.left(), topology.right(), topology);
        List<EndpointProcess> right = start(topology.right(), topology.left(), topology);
        return new Way(topology, TunnelDevice.farEnd(topology), left, right);
    }

    private static List<EndpointProcess> start(Host host, Host peer, Topology topology)
            throws InterruptedException {
        Path directory = topology.directory().resolve(host.name() + ".ovs");
        host.run("mkdir -p " + directory);
        host.run("ovsdb-tool create %s/conf.db %s".formatted(directory, SCHEMA));
        EndpointProcess database =
                host.start(
                        inDirectory(
                                directory,
                                "ovsdb-server %1$s/conf.db --remote=punix:%1$s/db.sock"
                                        + " --unixctl=%1$s/db.ctl -vconsole:off"));
        host.run(
                "ovs-vsctl --timeout=10 --retry --no-wait --db=unix:%s/db.sock init"
                        .formatted(directory));
        EndpointProcess vswitch =
                host.start(
                        inDirectory(
                                directory,
                                "ovs-vswitchd unix:%1$s/db.sock --unixctl=%1$s/vs.ctl"
                                        + " -vconsole:off"));
        String vsctl = "ovs-vsctl --timeout=10 --db=unix:" + directory + "/db.sock ";
        host.run(
                vsctl
                        + "add-br underlay0 -- set bridge underlay0 datapath_type=netdev"
                        + " -- add-port underlay0 "
                        + Host.WIRE);
        // The switch takes the card's packets away from the kernel, and its bridge the address.
        host.run("ip addr flush dev " + Host.WIRE);
        String outer = host.addresses().outer() + Addresses.IPV4_PREFIX;
        host.run("ip addr add %s dev underlay0".formatted(outer));
        host.run("ip link set underlay0 up");
        host.run(
                vsctl
                        + "add-br %1$s -- set bridge %1$s datapath_type=netdev"
                                .formatted(Host.TUNNEL)
                        + " -- add-port %s gre0 -- set interface gre0 type=gre"
                                .formatted(Host.TUNNEL)
                        + " options:remote_ip=%s options:local_ip=%s"
                                .formatted(peer.addresses().outer(), host.addresses().outer()));
        TunnelDevice.await(host, vswitch);
        TunnelDevice.configure(host, INNER_MTU);
        return List.of(vswitch, database);
    }

    /** A shell that becomes the program, with all its files in one directory. */
    private static List<String> inDirectory(Path directory, String program) {
        String script =
                "export OVS_RUNDIR=%1$s OVS_LOGDIR=%1$s OVS_DBDIR=%1$s OVS_SYSCONFDIR=%1$s; exec "
                        + program;
        return List.of("sh", "-c", script.formatted(directory));
    }
}
