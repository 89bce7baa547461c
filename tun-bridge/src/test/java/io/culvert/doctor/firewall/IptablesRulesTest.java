package io.culvert.doctor.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.wire.Ipv4Address;
import org.junit.jupiter.api.Test;

/** Rules in the form in which {@code iptables -S} prints them. */
final class IptablesRulesTest {
    /** A usual host with Docker on it. */
    private static final Filter HOST =
            IptablesRules.read(
                    """
                    -P INPUT DROP
                    -P FORWARD DROP
                    -P OUTPUT ACCEPT
                    -N DOCKER
                    -N TUNNELS
                    -A INPUT -i lo -j ACCEPT
                    -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                    -A INPUT -p tcp -m tcp --dport 22 -m comment --comment "ssh -j DROP" -j ACCEPT
                    -A INPUT ! -i docker+ -j TUNNELS
                    -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                    -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
                    -A TUNNELS ! -s 192.0.2.0/24 -p gre -j RETURN
                    -A TUNNELS -p gre -j ACCEPT
                    -A TUNNELS -p ipencap -m limit --limit 5/sec -j ACCEPT
                    -A TUNNELS -s 203.0.113.0/255.255.255.0 -p ipv6 -j REJECT --reject-with icmp-port-unreachable
                    -A TUNNELS -j LOG --log-prefix "dropped: "
                    """);

    @Test
    void aRuleBehindAJumpLetsThePeerIn() {
        assertThat(HOST.fate(Hook.INBOUND, flow(47, "192.0.2.2"))).isEqualTo(Fate.PASSES);
    }

    @Test
    void whoComesToTheEndMeetsThePolicy() {
        Fate fate = HOST.fate(Hook.INBOUND, flow(47, "198.51.100.2"));

        assertThat(fate.kind()).isEqualTo(Fate.Kind.DROPPED);
        assertThat(fate.chain()).isEqualTo("chain INPUT");
        assertThat(fate.because()).isEqualTo("policy drop");
        assertThat(HOST.openInbound(fate, 47, "198.51.100.2"))
                .isEqualTo("iptables -I INPUT -p 47 -s 198.51.100.2 -j ACCEPT");
    }

    @Test
    void aRejectionIsQuoted() {
        Fate fate = HOST.fate(Hook.INBOUND, flow(41, "203.0.113.7"));

        assertThat(fate.kind()).isEqualTo(Fate.Kind.REJECTED);
        assertThat(fate.because())
                .isEqualTo(
                        "-A TUNNELS -s 203.0.113.0/255.255.255.0 -p ipv6 -j REJECT"
                                + " --reject-with icmp-port-unreachable");
    }

    @Test
    void aLimitIsNoPromise() {
        Fate fate = HOST.fate(Hook.INBOUND, flow(4, "203.0.113.7"));

        assertThat(fate.kind()).isEqualTo(Fate.Kind.UNSURE);
        assertThat(fate.because()).contains("--limit 5/sec");
    }

    @Test
    void answersPass() {
        Flow answer = flow(47, "198.51.100.2").in(ConnectionState.ESTABLISHED);

        assertThat(HOST.fate(Hook.INBOUND, answer)).isEqualTo(Fate.PASSES);
    }

    @Test
    void dockersPolicyStopsWhatIsForwardedFromATunnel() {
        Fate fate = HOST.fate(Hook.FORWARDED, Flow.anyFrom("tun0"));

        assertThat(fate.kind()).isEqualTo(Fate.Kind.DROPPED);
        assertThat(HOST.openForwarded(fate, "tun0"))
                .isEqualTo(
                        "iptables -I FORWARD -i tun0 -j ACCEPT\n"
                                + "iptables -I FORWARD -o tun0 -j ACCEPT");
    }

    @Test
    void nothingIsWrongWithWhatLeaves() {
        assertThat(HOST.fate(Hook.OUTBOUND, flow(47, "192.0.2.1"))).isEqualTo(Fate.PASSES);
    }

    @Test
    void noRulesStopNothing() {
        Filter empty = IptablesRules.read("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");

        assertThat(empty.fate(Hook.INBOUND, flow(47, "192.0.2.2"))).isEqualTo(Fate.PASSES);
    }

    private static Flow flow(int protocol, String source) {
        return new Flow(
                protocol,
                Ipv4Address.parse(source),
                Ipv4Address.parse("192.0.2.1"),
                "eth0",
                "",
                ConnectionState.NEW);
    }
}
