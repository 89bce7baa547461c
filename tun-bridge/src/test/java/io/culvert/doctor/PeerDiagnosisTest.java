package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.ConfigWords;
import io.culvert.control.TunnelWords;
import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault is built for real, and is what is found: it and nothing else. */
@NeedsRoot(programs = {"nft", "ping"})
final class PeerDiagnosisTest {
    private static final Duration PROBE = Duration.ofMillis(1_200);
    private static final String PLAIN =
            "tun0 mode gre remote 192.0.2.129 local 192.0.2.1"
                    + " address 198.51.100.1 peer 198.51.100.2";

    private static RoutedPair network;

    @BeforeAll
    static void aPeerWithAKey() {
        network = new RoutedPair();
        CulvertProcess.run(
                network.right(),
                "tun0",
                "mode gre remote 192.0.2.1 local 192.0.2.129 key 7"
                        + " address 198.51.100.2 peer 198.51.100.1");
    }

    @AfterAll
    static void leave() {
        network.close();
    }

    @AfterEach
    void mend() {
        network.mend();
        network.router().run("ip link set right mtu 1500");
        network.left().run("ip route flush cache");
        network.right().run("ip route flush cache");
    }

    @Test
    void aHealthyTunnelHasNothingToMend() throws Exception {
        List<Finding> findings = examine(PLAIN + " key 7");

        assertThat(findings).allMatch(f -> f.severity() == Severity.OK);
        assertThat(evidence(findings, "peer"))
                .startsWith("20 of 20 pings of 198.51.100.2 answered through the tunnel");
        assertThat(evidence(findings, "path-mtu"))
                .isEqualTo("pings of 1472 bytes with DF are answered: outer packets of 1500 pass");
    }

    @Test
    void aNetworkThatDropsTheProtocol() throws Exception {
        RoutedPair.rule(network.router(), "forward", "accept", "iifname right ip protocol 47 drop");

        Finding fault = onlyFault(PLAIN + " key 7");

        assertThat(fault.id()).isEqualTo("nothing-comes-back");
        assertThat(fault.severity()).isEqualTo(Severity.ERROR);
        assertThat(fault.evidence())
                .contains("(IP protocol 47) packets to 192.0.2.129")
                .contains(
                        "received 0, and no ICMP error; a ping of 192.0.2.129 itself is answered");
        assertThat(fault.meaning()).contains("Azure", "Amazon EC2", "security group");
    }

    @Test
    void aSecurityGroupThatLetsOnlyAnswersIn() throws Exception {
        RoutedPair.rule(network.router(), "forward", "accept", "ct state established accept");
        network.router().run("nft add rule ip fault forward iifname right ip protocol 47 drop");
        try (BackgroundProcess pinging = peerPings()) {
            Finding fault = onlyFault(PLAIN + " key 7");

            assertThat(fault.id()).isEqualTo("only-after-sending");
            assertThat(fault.severity()).isEqualTo(Severity.WARNING);
            assertThat(fault.evidence()).contains("s of silence", "our first packet");
            assertThat(fault.remedy()).contains("from 192.0.2.129", "keepalive 10");
            assertThat(pinging.isAlive()).isTrue();
        }
    }

    @Test
    void aPeerBehindNat() throws Exception {
        RoutedPair.rule(
                network.router(),
                "postrouting",
                "accept",
                "oifname left ip protocol 47 ip saddr set 192.0.2.77");

        Finding fault = onlyFault(PLAIN + " key 7");

        assertThat(fault.id()).isEqualTo("another-address");
        assertThat(fault.evidence())
                .contains("packets from 192.0.2.77, none from the remote 192.0.2.129");
        assertThat(fault.remedy()).contains("remote 192.0.2.77");
    }

    @ParameterizedTest
    @CsvSource({
        "key 8, key-mismatch, 'have key 7, tun0 takes key 8', # now with key 7",
        "nokey, key-unexpected, 'have key 7, tun0 takes those without one', # now with key 7",
        "ikey 8 okey 7, key-mismatch, 'have key 7, tun0 takes key 8', # now with ikey 7",
        "key 7 csum, checksum-missing, 'have no checksum, tun0 has icsum', # now with nocsum",
        "key 7 seq, sequence-missing, 'have no sequence number, tun0 has iseq', noiseq"
    })
    void optionsThatThePeerDoesNotHave(String options, String id, String evidence, String remedy)
            throws Exception {
        try (BackgroundProcess pinging = peerPings()) {
            Finding fault = onlyFault(PLAIN + " " + options);

            assertThat(fault.id()).isEqualTo(id);
            assertThat(fault.severity()).isEqualTo(Severity.ERROR);
            assertThat(fault.evidence()).contains("packets from 192.0.2.129 " + evidence);
            assertThat(fault.remedy()).contains(remedy);
            assertThat(pinging.isAlive()).isTrue();
            String cured = ConfigWords.text(Cures.tunnelOf(fault));
            assertThat(faults(cured)).as(cured).isEmpty();
        }
    }

    @Test
    void aPeerWithoutTheTunnel() throws Exception {
        Finding fault = onlyFault(PLAIN.replace("gre", "ipip"));

        assertThat(fault.id()).isEqualTo("peer-protocol-unreachable");
        assertThat(fault.evidence()).contains("protocol unreachable (3/2) from 192.0.2.129");
    }

    @Test
    void aPeerWithoutTheTunnelWhoseInnerAddressIsNotKnown() throws Exception {
        assertThat(onlyFault("tun0 mode ipip remote 192.0.2.129").id())
                .isEqualTo("peer-protocol-unreachable");
    }

    @Test
    void aPeerThatRejects() throws Exception {
        RoutedPair.rule(
                network.right(),
                "input",
                "accept",
                "ip protocol 47 reject with icmp type admin-prohibited");

        Finding fault = onlyFault(PLAIN + " key 7");

        assertThat(fault.id()).isEqualTo("peer-rejects");
        assertThat(fault.evidence())
                .contains("administratively prohibited (3/13) from 192.0.2.129");
        assertThat(fault.remedy()).contains("-p 47 -s 192.0.2.1 -j ACCEPT");
    }

    @Test
    void aNarrowPathWhoseRouterSaysSo() throws Exception {
        network.router().run("ip link set right mtu 1400");

        List<Finding> findings = examine(PLAIN + " key 7");

        // path MTU discovery works: senders hear of it, and nothing needs a cure
        assertThat(findings).allMatch(f -> f.severity() == Severity.OK);
        assertThat(evidence(findings, "path-mtu"))
                .contains("pings of 1372 bytes with DF are answered, larger ones up to 1472")
                .contains("the path carries 1400, not 1500")
                .contains("192.0.2.126 says so by ICMP: MTU 1400");
    }

    @Test
    void aNarrowPathThatSwallows() throws Exception {
        network.router().run("ip link set right mtu 1333");
        RoutedPair.rule(network.router(), "output", "accept", "ip protocol icmp drop");

        Finding fault = onlyFault(PLAIN + " key 7");

        assertThat(fault.id()).isEqualTo("path-mtu");
        assertThat(fault.evidence()).contains("pings of 1305 bytes", "no router says so");
        assertThat(Cures.tunnelOf(fault).spec().device().innerMtu()).isEqualTo(1305);
    }

    @Test
    void aNetworkThatLosesPackets() throws Exception {
        RoutedPair.rule(
                network.router(),
                "forward",
                "accept",
                "iifname left ip protocol 47 numgen inc mod 5 1 drop");

        Finding fault = onlyFault(PLAIN + " key 7");

        assertThat(fault.id()).isEqualTo("loss");
        assertThat(fault.evidence()).startsWith("4 of 20 pings of 198.51.100.2 were not answered");
    }

    @Test
    void anInnerAddressThatNobodyHas() throws Exception {
        try (BackgroundProcess pinging = peerPings()) {
            Finding fault =
                    onlyFault(PLAIN.replace("peer 198.51.100.2", "peer 198.51.100.9") + " key 7");

            assertThat(fault.id()).isEqualTo("no-inner-answer");
            assertThat(fault.evidence()).contains("pings of 198.51.100.9");
            assertThat(pinging.isAlive()).isTrue();
        }
    }

    @Test
    void thisHostsOwnFirewall() throws Exception {
        RoutedPair.rule(network.left(), "input", "accept", "ip protocol gre drop");

        List<Finding> faults = faults(PLAIN + " key 7");

        assertThat(faults)
                .extracting(Finding::id, Finding::severity)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("firewall-inbound", Severity.ERROR),
                        org.assertj.core.groups.Tuple.tuple("peer", Severity.UNKNOWN));
        assertThat(faults.get(0).evidence())
                .isEqualTo("nft, chain input of table ip fault: ip protocol gre drop");
        assertThat(faults.get(0).remedy())
                .isEqualTo(
                        "nft insert rule ip fault input ip saddr 192.0.2.129 ip protocol 47 accept");
        network.left().run(faults.get(0).remedy());
        assertThat(faults(PLAIN + " key 7")).isEmpty();
    }

    @Test
    void thisHostsOwnStatefulFirewall() throws Exception {
        RoutedPair.rule(network.left(), "input", "drop", "ct state established,related accept");

        Finding fault = onlyFault(PLAIN + " key 7");

        assertThat(fault.id()).isEqualTo("firewall-answers-only");
        network.left().run(fault.remedy());
        assertThat(faults(PLAIN + " key 7")).isEmpty();
    }

    private static BackgroundProcess peerPings() {
        return network.right().start("ping", "-n", "-i", "0.05", "198.51.100.1");
    }

    private static String evidence(List<Finding> findings, String id) {
        return findings.stream().filter(f -> f.id().equals(id)).findFirst().get().evidence();
    }

    private static Finding onlyFault(String words) throws Exception {
        List<Finding> faults = faults(words);
        assertThat(faults).hasSize(1);
        assertThat(faults.get(0).meaning()).isNotEmpty();
        return faults.get(0);
    }

    private static List<Finding> faults(String words) throws Exception {
        return examine(words).stream().filter(f -> f.severity() != Severity.OK).toList();
    }

    private static List<Finding> examine(String words) throws Exception {
        return NamespaceThread.call(
                network.left(),
                () -> {
                    try (LiveHost host = new LiveHost()) {
                        Patient patient =
                                new Patient(
                                        host, TunnelWords.parse(Arrays.asList(words.split(" "))));
                        return Cures.allTaken(
                                Doctor.examine(patient, PROBE, null, Map::of).findings());
                    }
                });
    }
}
