package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelWords;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What is said of a host whose tunnel uses packet sockets, where raw sockets would have trouble.
 */
final class PacketUnderlayDiagnosisTest {
    private static final TunnelConfig GRE =
            TunnelWords.parse(
                    List.of(
                            "tun0 mode gre remote 203.0.113.2 local 192.0.2.1 dev eth0"
                                    .split(" ")));

    private final RecordedHost host = new RecordedHost();

    private List<Finding> faults(boolean usesPacketSockets) {
        return Doctor.environment(new Patient(host, GRE, usesPacketSockets, List.of())).stream()
                .filter(f -> f.severity() != Severity.OK)
                .toList();
    }

    private void firewall(String rules) {
        host.without("nft -j list ruleset").program("iptables -S", rules);
    }

    private void onlyRawSocketsHave(String id) {
        assertThat(faults(false)).extracting(Finding::id).containsExactly(id);
        assertThat(faults(true)).isEmpty();
    }

    @Test
    void aStrictReversePathFilterOfTheUnderlayTakesNothingFromThem() {
        host.link("eth1", 1500, "veth")
                .file("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n")
                .route("203.0.113.2", "203.0.113.0", 24, "eth1");

        assertThat(faults(false)).extracting(Finding::id).contains("rp-filter-underlay");
        assertThat(faults(true)).extracting(Finding::id).doesNotContain("rp-filter-underlay");
    }

    @Test
    void aFirewallThatDropsWhatComesInDropsItBehindThem() {
        firewall("-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");

        onlyRawSocketsHave("firewall-inbound");
    }

    @Test
    void aFirewallThatKnowsAnswersNeedNotKnowTheirs() {
        firewall(
                """
                -P INPUT DROP
                -P FORWARD ACCEPT
                -P OUTPUT ACCEPT
                -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                """);

        onlyRawSocketsHave("firewall-answers-only");
    }

    @Test
    void aFirewallThatRefusesWhatComesInAnswersThePeer() {
        firewall(
                """
                -P INPUT ACCEPT
                -P FORWARD ACCEPT
                -P OUTPUT ACCEPT
                -A INPUT -p gre -j REJECT --reject-with icmp-port-unreachable
                """);

        assertThat(faults(false)).extracting(Finding::id).containsExactly("firewall-inbound");
        assertThat(faults(true))
                .singleElement()
                .satisfies(
                        finding -> {
                            assertThat(finding.id()).isEqualTo("firewall-answers");
                            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                            assertThat(finding.remedy())
                                    .isEqualTo("iptables -I INPUT -p 47 -s 203.0.113.2 -j ACCEPT");
                        });
    }

    @Test
    void aFirewallThatDropsWhatGoesOutStopsWhatHasNoNextHop() {
        firewall("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT DROP\n");

        assertThat(faults(false)).extracting(Finding::severity).containsExactly(Severity.ERROR);
        assertThat(faults(true)).extracting(Finding::severity).containsExactly(Severity.WARNING);
    }

    @Test
    void aFullTableOfConnectionsStopsConnectionsInTheTunnel() {
        host.file("/proc/sys/net/netfilter/nf_conntrack_count", "65536\n")
                .file("/proc/sys/net/netfilter/nf_conntrack_max", "65536\n");

        assertThat(faults(true))
                .singleElement()
                .satisfies(
                        finding -> {
                            assertThat(finding.id()).isEqualTo("conntrack-full");
                            assertThat(finding.meaning()).contains("those in the tunnel");
                        });
    }

    @Test
    void rawSocketsThatLosePacketsAreSomebodyElses() {
        host.file(
                "/proc/thread-self/net/raw",
                """
                  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
                   47: 00000000:002F 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 19231 2 0000000000000000 17
                """);

        onlyRawSocketsHave("raw-drops");
    }
}
