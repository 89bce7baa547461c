package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelWords;
import io.culvert.linux.Errno;
import io.culvert.netlink.LinkCounts;
import io.culvert.netlink.RouteMtus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of hosts as they were recorded, and what is not said besides. */
final class EnvironmentTest {
    private static final String GRE = "tun0 mode gre remote 203.0.113.2 local 192.0.2.1";

    private final RecordedHost host = new RecordedHost();
    private final List<ServedTunnel> served = new ArrayList<>();

    @Test
    void ahealthyHostHasNothingToMend() {
        List<Finding> findings = examine(GRE);

        assertThat(findings).allMatch(f -> f.severity() == Severity.OK, "is ok");
        assertThat(findings).allMatch(f -> f.remedy().isEmpty() && f.meaning().isEmpty());
        assertThat(findings)
                .extracting(Finding::id)
                .containsExactly(
                        "tun-device",
                        "rights",
                        "surroundings",
                        "kernel-modules",
                        "route",
                        "local-address",
                        "mtu",
                        "accept-local",
                        "firewall",
                        "conntrack",
                        "raw-drops",
                        "datagrams-joined");
    }

    @Test
    void aQueueThatWasFullIsToldWithALongerOne() {
        host.link("tun0", 1476, "tun").counts(new LinkCounts(1000, 0, 15_334, 0));

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("device-queue-full");
        assertThat(finding.evidence())
                .isEqualTo("ip -s link show tun0: TX dropped 15334, with room for 1000");
        assertThat(finding.remedy()).isEqualTo("ip link set tun0 txqueuelen 4000");
    }

    @Test
    void aQueueThatWasMadeLongerIsNotToldOfForEver() {
        host.link("tun0", 1476, "tun").counts(new LinkCounts(4000, 0, 15_334, 0));

        assertThat(examine(GRE)).extracting(Finding::id).contains("device-queue");
        assertThat(examine(GRE)).extracting(Finding::severity).containsOnly(Severity.OK);
    }

    @Test
    void aDisciplineThatDropsIsTold() {
        host.link("tun0", 1476, "tun").counts(new LinkCounts(1000, 0, 0, 7));

        assertThat(onlyFault(GRE).evidence()).isEqualTo("tc -s qdisc show dev tun0: dropped 7");
    }

    @Test
    void twoProcessesWithQueuesOfOneDeviceAreTold() {
        host.link("tun0", 1476, "tun").queueHolders("pid 7 (java)", "pid 9 (qemu)");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("device-shared");
        assertThat(finding.evidence())
                .isEqualTo("queues of tun0 are open in pid 7 (java), pid 9 (qemu)");
    }

    @Test
    void aContainerWithoutTheDeviceFile() {
        host.openError("/dev/net/tun", Errno.ENOENT).file("/proc/misc", "200 tun\n236 device\n");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("tun-device");
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.evidence()).contains("/dev/net/tun: ENOENT (2)", "200 tun");
        assertThat(finding.remedy()).contains("mknod -m 600 /dev/net/tun c 10 200");
    }

    @Test
    void aKernelWithoutTheDriver() {
        host.openError("/dev/net/tun", Errno.ENOENT).file("/proc/misc", "236 device-mapper\n");

        assertThat(onlyFault(GRE).remedy()).isEqualTo("modprobe tun");
    }

    @Test
    void aContainerWithDockersUsualRights() {
        host.file("/proc/self/status", "CapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\n");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("rights");
        assertThat(finding.evidence()).isEqualTo("CapEff 00000000a80425fb lacks CAP_NET_ADMIN");
        assertThat(finding.remedy()).contains("docker run --cap-add NET_ADMIN ...");
    }

    @Test
    void gvisorHasNoSuchSockets() {
        host.file("/proc/version", "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n");

        assertThat(onlyFault(GRE).evidence()).contains("gVisor");
    }

    @Test
    void aModuleThatTakesTheSamePackets() {
        host.file(
                "/proc/modules",
                """
                ip_gre 36864 0 - Live 0x0000000000000000
                ip_tunnel 40960 1 ip_gre, Live 0x0000000000000000
                gre 16384 1 ip_gre, Live 0x0000000000000000
                """);

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("kernel-modules");
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.evidence()).contains("ip_gre 36864 0 - Live");
        assertThat(finding.remedy()).isEqualTo("modprobe -r ip_gre");
        assertThat(faults("tun0 mode ipip remote 203.0.113.2")).isEmpty();
    }

    @Test
    void withoutAModuleTheDevicesAreSaidToBeAbsent() {
        assertThat(evidence(examine(GRE), "kernel-modules"))
                .isEqualTo("no such module is loaded, and there is no device gre0");
    }

    private static String evidence(List<Finding> findings, String id) {
        return findings.stream()
                .filter(finding -> finding.id().equals(id))
                .map(Finding::evidence)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theDeviceOfABuiltInModule() {
        host.link("tunl0", 1480, "ipip");

        Finding finding = onlyFault("tun0 mode ipip remote 203.0.113.2");
        assertThat(finding.evidence()).isEqualTo("there is a device tunl0, up");
        // built into the kernel: there is no module to remove
        assertThat(finding.remedy()).contains("prot-unreachable").doesNotContain("modprobe");
        assertThat(faults(GRE)).isEmpty();
    }

    @Test
    void noRouteToTheRemote() {
        host.noRoute("203.0.113.2");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("no-route");
        assertThat(finding.remedy()).isEqualTo("ip route replace 203.0.113.2 via GATEWAY dev eth0");
    }

    @Test
    void theRouteToTheRemoteLeadsBackIntoTheTunnel() {
        host.link("tun0", 1476, "tun").route("203.0.113.2", "203.0.113.0", 24, "tun0");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("route-loop");
        assertThat(finding.evidence()).isEqualTo("remote 203.0.113.2: 203.0.113.0/24 dev tun0");
    }

    @Test
    void aRouteThatWouldTakeTheRemoteAlong() {
        Finding finding = onlyFault(GRE + " route 203.0.113.0/24");

        assertThat(finding.id()).isEqualTo("route-loop");
        assertThat(finding.remedy()).isEqualTo("ip route replace 203.0.113.2 dev eth0");
    }

    @Test
    void oneOfSeveralNextHopsIsTheTunnel() {
        host.link("tun0", 1476, "tun").hops("eth0", "tun0");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("route-loop");
        assertThat(finding.evidence())
                .isEqualTo("remote 203.0.113.2: default has 2 next hops, and one of them is tun0");
        assertThat(finding.remedy()).isEqualTo("ip route replace 203.0.113.2 dev eth0");
    }

    @Test
    void severalNextHopsThatAreAllOutsideAreNoFault() {
        host.link("eth1", 1500, "veth").hops("eth0", "eth1");

        assertThat(faults(GRE)).isEmpty();
    }

    @Test
    void tunnelsOfTwoProcessesThatNeedEachOther() {
        host.link("tun0", 1400, "tun")
                .link("tun1", 1476, "tun")
                .route("203.0.113.2", "203.0.113.2", 32, "tun1")
                .route("203.0.113.9", "203.0.113.9", 32, "tun0");
        serve(11, GRE);
        serve(12, "tun1 mode gre remote 203.0.113.9");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("route-loop");
        assertThat(finding.evidence())
                .isEqualTo(
                        "tun0's remote 203.0.113.2: 203.0.113.2 dev tun1;"
                                + " tun1's remote 203.0.113.9: 203.0.113.9 dev tun0");
    }

    @Test
    void aTunnelThroughAnotherProcesssTunnelIsNoFault() {
        host.link("tun0", 1476, "tun")
                .link("tun1", 1500, "tun")
                .route("203.0.113.2", "203.0.113.2", 32, "tun1");
        serve(11, GRE);
        serve(12, "tun1 mode gre remote 203.0.113.9");

        assertThat(faults(GRE)).isEmpty();
    }

    @Test
    void aRemoteOfThisHostIsAWarningAndFineWhereATunnelFacesIt() {
        host.local("203.0.113.2");

        assertThat(onlyFault(GRE).id()).isEqualTo("remote-is-local");
        assertThat(onlyFault(GRE).severity()).isEqualTo(Severity.WARNING);

        serve(12, "tun1 mode gre remote 192.0.2.1 local 203.0.113.2");
        assertThat(faults(GRE)).isEmpty();
        assertThat(evidence(examine(GRE), "remote-is-local"))
                .endsWith("as is right for tun1 of pid 12, which faces it");
    }

    @Test
    void aRoutingProtocolBehindARouterNeedsATtl() {
        host.link("tun0", 1476, "tun")
                .routeVia("203.0.113.2", "192.0.2.254")
                .file(
                        "/proc/thread-self/net/igmp",
                        """
                        Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter
                        2\teth0      :     1      V3
                        \t\t\t\t0A0000E0     1 0:00000000\t\t0
                        7\ttun0      :     2      V3
                        \t\t\t\t050000E0     1 0:00000000\t\t0
                        \t\t\t\t010000E0     1 0:00000000\t\t0
                        """);

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("multicast-ttl");
        assertThat(finding.evidence())
                .isEqualTo(
                        "/proc/net/igmp: tun0 has joined 224.0.0.5 (OSPF); the remote is behind the"
                                + " router 192.0.2.254, and ttl is inherit");
        assertThat(Cures.tunnelOf(finding).spec().outer().ttl()).isEqualTo(64);
        assertThat(faults(GRE + " ttl 64")).isEmpty();
        host.routeVia("203.0.113.2", null);
        assertThat(faults(GRE)).isEmpty();
    }

    @Test
    void aDeviceThatNobodyServes() {
        host.linkWithoutCarrier("tun0", 1472, "tun");

        assertThat(onlyFault(GRE + " key 7").id()).isEqualTo("device-unserved");
        assertThat(Cures.tunnelOf(onlyFault(GRE + " key 7"))).isEqualTo(config(GRE + " key 7"));
    }

    @Test
    void aDeviceWithoutCarrierThatIsServedHasADeadPeer() {
        host.linkWithoutCarrier("tun0", 1476, "tun");
        serve(11, GRE + " keepalive 10 keepalive-carrier");

        assertThat(onlyFault(GRE).id()).isEqualTo("device-no-carrier");
        assertThat(onlyFault(GRE).severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void theCureKeepsAllElseAndEndsTheProcessFirst() {
        serve(11, GRE + " key 7 csum ttl 9 keepalive 10:2 keepalive-carrier offload off");
        String all = GRE.replace("local 192.0.2.1", "local 198.51.100.7") + " key 7 csum ttl 9";

        Finding finding = onlyFault(all);

        assertThat(finding.remedy())
                .startsWith("kill 11    # ends tun0\nculvert run tun0 mode gre");
        assertThat(Cures.tunnelOf(finding)).isEqualTo(config(GRE + " key 7 csum ttl 9"));
    }

    @Test
    void theKernelsOwnTunnelIsChangedInPlace() {
        host.link("tun0", 1476, "gre");

        assertThat(onlyFault("tun0 mode gre remote 203.0.113.2 local 198.51.100.7").remedy())
                .isEqualTo("ip tunnel change tun0 local 192.0.2.1");
    }

    @Test
    void theRemoteHasARouteOfItsOwn() {
        host.route("203.0.113.2", "203.0.113.2", 32, "eth0");

        assertThat(faults(GRE + " route 203.0.113.0/24")).isEmpty();
    }

    @Test
    void thePublicAddressIsNotTheLocalOne() {
        Finding finding = onlyFault("tun0 mode gre remote 203.0.113.2 local 198.51.100.7");

        assertThat(finding.id()).isEqualTo("local-address");
        assertThat(finding.evidence()).contains("198.51.100.7", "192.0.2.1 (eth0)");
        assertThat(Cures.tunnelOf(finding).spec().local()).isEqualTo(RecordedHost.ip("192.0.2.1"));
    }

    @Test
    void theSameNetworkInsideAndOutside() {
        Finding finding = onlyFault(GRE + " address 192.0.2.77/30");

        assertThat(finding.id()).isEqualTo("inner-overlap");
        assertThat(finding.evidence())
                .isEqualTo("192.0.2.76/30 of tun0 is in 192.0.2.0/24 of eth0");
        assertThat(faults(GRE + " address 198.51.100.1/30")).isEmpty();
    }

    @Test
    void theOverheadLedgerIsASum() {
        host.link("tun0", 1476, "tun");

        Finding finding = onlyFault(GRE + " key 7 csum seq");

        assertThat(finding.id()).isEqualTo("mtu");
        assertThat(finding.evidence())
                .isEqualTo(
                        "eth0 1500 - IPv4 20 - GRE 4 - csum 4 - key 4 - seq 4 = 1464;"
                                + " tun0 has 1476");
        assertThat(finding.remedy()).isEqualTo("ip link set tun0 mtu 1464");
        assertThat(faults(GRE + " key 7 csum seq nopmtudisc")).isEmpty();
    }

    @Test
    void whatWasLearntFromIcmpIsNoFaultAndNoMtuForEver() {
        host.link("tun0", 1476, "tun").mtus(new RouteMtus(1500, 0, 1300, 598, false));

        List<Finding> findings = examine(GRE);

        assertThat(findings).allMatch(f -> f.severity() == Severity.OK);
        assertThat(evidence(findings, "mtu"))
                .startsWith(
                        "path 1300 (learnt from ICMP, forgotten in 598 s; eth0 1500)"
                                + " - IPv4 20 - GRE 4 = 1276; tun0 has 1476")
                .endsWith("ip route flush cache");
    }

    @Test
    void theRoutesOwnMtuIsNamedAsTheRoutes() {
        host.link("tun0", 1476, "tun").mtus(new RouteMtus(1500, 1300, 0, 0, false));

        assertThat(onlyFault(GRE).evidence())
                .isEqualTo(
                        "route 1300 (default dev eth0 mtu 1300; eth0 1500) - IPv4 20 - GRE 4 ="
                                + " 1276; tun0 has 1476");
        assertThat(onlyFault(GRE).remedy()).isEqualTo("ip link set tun0 mtu 1276");
    }

    @Test
    void strictReversePathFilteringOfWhatIsRoutedElsewhere() {
        host.link("tun0", 1476, "tun")
                .file("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n")
                .file("/proc/sys/net/ipv4/conf/tun0/rp_filter", "0\n");

        Finding finding = onlyFault(GRE + " route 198.51.100.0/24");

        assertThat(finding.id()).isEqualTo("rp-filter");
        assertThat(finding.evidence())
                .isEqualTo(
                        "rp_filter: all 1, tun0 0; answers to 198.51.100.0/24 go another way:"
                                + " default dev eth0");
    }

    @Test
    void strictReversePathFilteringOfWhatIsRoutedHereIsFine() {
        host.link("tun0", 1476, "tun")
                .file("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n")
                .route("198.51.100.0", "198.51.100.0", 24, "tun0");

        assertThat(faults(GRE + " route 198.51.100.0/24")).isEmpty();
    }

    @Test
    void looseReversePathFilteringOfTheDeviceOutweighsStrictOfAll() {
        host.link("tun0", 1476, "tun")
                .file("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n")
                .file("/proc/sys/net/ipv4/conf/tun0/rp_filter", "2\n");

        assertThat(faults(GRE + " route 198.51.100.0/24")).isEmpty();
    }

    @Test
    void aFirewallThatCannotBeReadIsNoFault() {
        host.failing("nft -j list ruleset", "netlink: Error: cache initialization failed: EPERM");

        Finding finding = onlyFault(GRE);

        assertThat(finding.severity()).isEqualTo(Severity.UNKNOWN);
        assertThat(finding.evidence()).contains("cache initialization failed");
    }

    @Test
    void aHostWithoutFirewallProgramsIsNoFault() {
        host.without("nft -j list ruleset").without("nft -a list ruleset");

        Finding finding = onlyFault(GRE);

        assertThat(finding.severity()).isEqualTo(Severity.UNKNOWN);
        assertThat(finding.evidence()).isEqualTo("neither nft nor iptables is installed");
    }

    @Test
    void iptablesThatDropsByItsPolicy() {
        host.without("nft -j list ruleset")
                .program("iptables -S", "-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("firewall-inbound");
        assertThat(finding.evidence()).isEqualTo("iptables, chain INPUT: policy drop");
        assertThat(finding.remedy()).isEqualTo("iptables -I INPUT -p 47 -s 203.0.113.2 -j ACCEPT");
    }

    @Test
    void aFullTableOfConnections() {
        host.file("/proc/sys/net/netfilter/nf_conntrack_count", "65536\n")
                .file("/proc/sys/net/netfilter/nf_conntrack_max", "65536\n");

        assertThat(onlyFault(GRE).id()).isEqualTo("conntrack-full");
    }

    @Test
    void aSocketThatLosesPackets() {
        host.file(
                "/proc/thread-self/net/raw",
                """
                  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
                   47: 00000000:002F 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 19231 2 0000000000000000 17
                    1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 19232 2 0000000000000000 99
                """);

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("raw-drops");
        assertThat(finding.evidence()).startsWith("/proc/net/raw: 17 drops: 47: 00000000:002F");
        assertThat(faults("tun0 mode ipip remote 203.0.113.2")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rx-udp-gro-forwarding", "rx-gro-list"})
    void aDeviceThatJoinsDatagrams(String feature) {
        host.feature("eth0", "rx-gro").feature("eth0", feature);

        Finding finding = onlyFault(GRE);

        assertThat(finding.id()).isEqualTo("datagrams-joined");
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.evidence()).isEqualTo("eth0: " + feature + " is on");
        assertThat(finding.remedy()).isEqualTo("ethtool -K eth0 " + feature + " off");
    }

    private Finding onlyFault(String words) {
        List<Finding> faults = faults(words);
        assertThat(faults).hasSize(1);
        assertThat(faults.get(0).meaning()).isNotEmpty();
        return faults.get(0);
    }

    private List<Finding> faults(String words) {
        return examine(words).stream().filter(f -> f.severity() != Severity.OK).toList();
    }

    private List<Finding> examine(String words) {
        return Cures.allTaken(
                Doctor.environment(new Patient(host, config(words), false, List.copyOf(served))));
    }

    private static TunnelConfig config(String words) {
        return TunnelWords.parse(Arrays.asList(words.split(" ")));
    }

    private void serve(long pid, String words) {
        served.add(new ServedTunnel(config(words), pid, List.of()));
    }
}
