package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.Kernels;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.PacketCapture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code --underlay packet} and IPsec: nothing leaves in the clear that a policy wants encrypted.
 * There are no keys, so that nothing leaves at all.
 */
@NeedsRoot(programs = {"ping", "tcpdump"})
@Timeout(60)
class IpsecRunTest {
    private static final String ENDS = "src 192.0.2.1 dst 192.0.2.2";
    private static final String TEMPLATE = " tmpl " + ENDS + " proto esp mode transport";
    private static final String SHOWN = "src 192.0.2.1/32 dst 192.0.2.2/32 proto 47 dir out";

    /** Runs a command that is refused every netlink socket for IPsec, as in a sandbox. */
    private static final String WITHOUT_IPSEC =
            """
            my @filter = ( # linux/filter.h, linux/seccomp.h
                [0x20, 0, 0, 0], [0x15, 0, 5, 41],  # the system call is socket
                [0x20, 0, 0, 16], [0x15, 0, 3, 16], # of AF_NETLINK
                [0x20, 0, 0, 32], [0x15, 0, 1, 6],  # and NETLINK_XFRM:
                [0x06, 0, 0, 0x0005000d],           # EACCES
                [0x06, 0, 0, 0x7fff0000]);          # else it is allowed
            my $code = join '', map { pack 'SCCL', @$_ } @filter;
            syscall(157, 38, 1, 0, 0, 0) == 0 or die $!; # prctl(PR_SET_NO_NEW_PRIVS)
            syscall(157, 22, 2, pack('Sx![Q]P', scalar @filter, $code)) == 0 or die $!;
            exec @ARGV or die $!;
            """;

    private Cable cable;
    private NetworkNamespace left;

    @BeforeEach
    void layTheCable() {
        cable = new Cable();
        left = cable.left();
        assumeTrue(
                left.attempt("ip", "xfrm", "policy").succeeded(),
                "this kernel has no IPsec at all");
        run(cable.right(), "gre mode gre local 192.0.2.2 remote 192.0.2.1 address 198.51.100.2/30");
    }

    @AfterEach
    void takeAwayTheCable() {
        cable.close();
    }

    private static CulvertProcess run(NetworkNamespace host, String... tunnels) {
        return CulvertProcess.runOnPacketSockets(host, 1, tunnels);
    }

    private CulvertProcess runLeft() {
        return run(
                left,
                "ipip mode ipip local 192.0.2.1 remote 192.0.2.2 address 198.51.100.5/30",
                "gre mode gre local 192.0.2.1 remote 192.0.2.2 address 198.51.100.1/30");
    }

    private List<String> sentWhilePinging() {
        PacketCapture capture = PacketCapture.start(cable.right(), "eth0");
        assertThat(Pinging.answers(left, "198.51.100.2")).isFalse();
        capture.stop();
        return capture.decode("ip proto 47 and src 192.0.2.1");
    }

    @Test
    void whereAPolicyIsForATunnelAllUseRawSockets() {
        Kernels.assumePacketsStateTheirProtocol();
        left.run("ip xfrm policy add " + ENDS + " proto gre dir out" + TEMPLATE);
        CulvertProcess culvert = runLeft();

        assertThat(culvert.complaints())
                .containsExactly(
                        "culvert: gre: packets go by raw sockets, those of all tunnels: an IPsec"
                                + " policy is for them: "
                                + SHOWN);
        assertThat(culvert.upLine("gre")).doesNotContain("underlay");
        assertThat(culvert.upLine("ipip")).doesNotContain("underlay");
        assertThat(left.run("cat /proc/net/packet").stdout().lines()).hasSize(1);
        assertThat(sentWhilePinging()).isEmpty();
    }

    @Test
    void aPolicyForWhatIsReceivedCountsToo() {
        left.run("ip xfrm policy add src 192.0.2.2 dst 0.0.0.0/0 dir in action block");
        CulvertProcess culvert = runLeft();

        assertThat(culvert.complaints())
                .singleElement()
                .asString()
                .contains("ipip: ")
                .endsWith("src 192.0.2.2/32 dst 0.0.0.0/0 dir in");
        assertThat(Pinging.answers(left, "198.51.100.2")).isFalse();
        assertThat(culvert.summary("gre").packetsIn()).isZero();
    }

    @Test
    void policiesForOtherPacketsAreNoReason() {
        left.run("ip xfrm policy add " + ENDS + " proto udp dir out" + TEMPLATE);
        left.run("ip xfrm policy add src 192.0.2.1 dst 192.0.2.3 dir out" + TEMPLATE);
        left.run("ip xfrm policy add " + ENDS + " proto gre dir fwd" + TEMPLATE);
        left.run("ip xfrm policy add " + ENDS + " proto gre dir out");
        CulvertProcess culvert = runLeft();

        assertThat(culvert.upLine("gre")).endsWith(", underlay packet");
        assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();
        assertThat(culvert.complaints()).isEmpty();
    }

    @Test
    void aPolicyThatComesLaterIsObeyed() {
        Kernels.assumePacketsStateTheirProtocol();
        CulvertProcess culvert = runLeft();
        assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();

        left.run("ip xfrm policy add " + ENDS + " proto gre dir out" + TEMPLATE);
        culvert.awaitComplaint(0, line -> line.contains(SHOWN + "; start again"));
        assertThat(sentWhilePinging()).isEmpty();

        left.run("ip xfrm policy delete " + ENDS + " proto gre dir out");
        culvert.awaitComplaint(1, line -> line.endsWith("gre: packets go by the packet socket"));
        assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();
        assertThat(culvert.complaints()).hasSize(2);
    }

    @Test
    @NeedsRoot(programs = {"ping", "perl"})
    void whereIpsecMayNotBeAskedAllUseRawSockets() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the filter is for amd64");
        List<String> command = new ArrayList<>(List.of("perl", "-e", WITHOUT_IPSEC));
        command.addAll(CulvertProcess.java());
        command.addAll(List.of("run", "--no-rehearsal", "--underlay", "packet", "--lanes", "1"));
        command.addAll(
                List.of(
                        "gre mode gre local 192.0.2.1 remote 192.0.2.2 address 198.51.100.1/30"
                                .split(" ")));
        BackgroundProcess culvert = left.start(command.toArray(String[]::new));
        String up =
                culvert.awaitLine(
                        culvert.stdout(),
                        0,
                        line -> line.startsWith("gre: up"),
                        Duration.ofSeconds(30));

        assertThat(up).doesNotContain("underlay");
        assertThat(left.run("cat /proc/net/packet").stdout().lines()).hasSize(1);
        assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();
        assertThat(culvert.end("TERM").stderr().lines())
                .containsExactly(
                        "culvert: packets go by raw sockets, those of all tunnels: cannot open a"
                                + " netlink socket for IPsec: EACCES (13): permission denied");
    }
}
