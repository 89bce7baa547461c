package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tunnels on devices that somebody else made, with {@code ip tuntap add}. */
@NeedsRoot(programs = {"ping", "socat", "python3"})
@Timeout(60)
class DevicesOfOthersTest {
    private static final String OTHER_QUEUE =
            """
            import fcntl, os, struct, sys
            tun = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"t0", 0x1101))
            print("open", flush=True)
            sys.stdin.read()
            """;

    private Cable cable;

    @BeforeEach
    void connect() {
        cable = new Cable();
        CulvertProcess.run(
                cable.right(), "t0", "mode gre remote 192.0.2.1 address 198.51.100.2/30");
    }

    @AfterEach
    void disconnect() {
        cable.close();
    }

    private CulvertProcess run(String options) {
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        cable.left(),
                        List.of("t0 mode gre remote 192.0.2.2 address 198.51.100.1/30"),
                        options.split(" "));
        culvert.awaitUp();
        return culvert;
    }

    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({
        "multi_queue, --lanes 1",
        "multi_queue, --lanes 2",
        "multi_queue pi vnet_hdr, --lanes 1",
        "multi_queue user nobody, --lanes 1",
        "user nobody, --lanes 2",
        "pi, --lanes 1",
        "vnet_hdr, --lanes 2"
    })
    void aTunnelRunsOnADeviceOfAnyFlags(String flags, String options) {
        NetworkNamespace left = cable.left();
        left.run("ip tuntap add dev t0 mode tun " + flags);
        CulvertProcess culvert = run(options);

        left.run("ping -c 1 -W 5 198.51.100.2");

        culvert.stop();
        assertThat(left.run("ip -d link show t0").stdout()).contains("persist on", "pi off");
    }

    @Test
    void sequenceNumbersTakeOneQueueOfADeviceThatWasMadeForSeveral() {
        NetworkNamespace left = cable.left();
        left.run("ip tuntap add dev t0 mode tun multi_queue");
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left,
                        List.of("t0 mode gre remote 192.0.2.2 seq address 198.51.100.1/30"),
                        "--lanes",
                        "2");
        culvert.awaitUp();

        assertThat(culvert.upLine("t0")).contains("lanes 2 (the first one sends: seq");
        assertThat(left.run("ip -d link show t0").stdout()).contains("numqueues 1 ");
        culvert.stop();
    }

    @Test
    void aRunInOneLaneFollowsOneInTwo() {
        cable.left().run("ip tuntap add dev t0 mode tun multi_queue");
        for (String options : List.of("--lanes 2", "--lanes 1", "--lanes 2")) {
            CulvertProcess culvert = run(options);
            cable.left().run("ping -c 1 -W 5 198.51.100.2");
            culvert.stop();
        }
    }

    @Test
    void addressesAndRoutesThatAKeptDeviceHasAlreadyAreNoObstacle() {
        NetworkNamespace left = cable.left();
        left.run("ip tuntap add dev t0 mode tun");
        left.run("ip addr add 10.7.0.1/24 dev t0");
        left.run("ip link set t0 up");
        left.run("ip route add 203.0.113.128/25 dev t0");
        String words =
                "mode gre remote 192.0.2.2 address 198.51.100.1/30 address 10.9.0.1 peer 10.9.0.2"
                        + " address 2001:db8::1/64 route 203.0.113.0/25 route 2001:db8:1::/48";
        left.run("sysctl -qw net.ipv6.conf.t0.disable_ipv6=0");
        for (int start = 0; start < 2; start++) {
            CulvertProcess culvert = CulvertProcess.run(left, "t0", words);
            left.run("ping -c 1 -W 5 198.51.100.2");
            assertThat(left.run("ip addr show dev t0").stdout())
                    .contains("10.7.0.1/24", "198.51.100.1/30", "10.9.0.1 peer 10.9.0.2/32")
                    .contains("2001:db8::1/64");
            assertThat(left.run("ip route show dev t0").stdout())
                    .contains("203.0.113.0/25", "203.0.113.128/25");
            culvert.signal("TERM");
            assertThat(culvert.awaitEnd().exitStatus()).isZero();
        }
    }

    @Test
    void aRouteThatLeadsElsewhereIsNotTakenForOurs() {
        NetworkNamespace left = cable.left();
        left.run("ip tuntap add dev t0 mode tun");
        left.run("ip route add 203.0.113.0/25 dev eth0");

        Outcome refused =
                CulvertProcess.refuse(left, "t0", "mode gre remote 192.0.2.2 route 203.0.113.0/25");

        assertThat(refused.stderr()).contains("EEXIST", "there is 203.0.113.0/25 dev eth0");
    }

    @Test
    void anotherProcessWithAQueueOfTheDeviceIsSaid() {
        NetworkNamespace left = cable.left();
        left.run("ip tuntap add dev t0 mode tun multi_queue");
        CulvertProcess culvert = run("--lanes 1");
        int before = culvert.complaints().size();

        BackgroundProcess other = left.start("python3", "-c", OTHER_QUEUE);
        assertThat(culvert.awaitComplaint(before, line -> line.contains("queues")))
                .contains("t0: pid " + other.pid() + " (python3) has 1 of its queues open");
        other.close();
        culvert.awaitComplaint(
                before, line -> line.contains("no other process has a queue of the device"));
    }

    @Test
    void aDeviceThatAnotherProcessHasAQueueOfIsRefused() {
        NetworkNamespace left = cable.left();
        left.run("ip tuntap add dev t0 mode tun multi_queue");
        BackgroundProcess other = left.start("python3", "-c", OTHER_QUEUE);
        other.awaitLine(other.stdout(), 0, "open"::equals, java.time.Duration.ofSeconds(20));

        Outcome refused = CulvertProcess.refuse(left, "t0", "mode gre remote 192.0.2.2");

        assertThat(refused.exitStatus()).isEqualTo(1);
        assertThat(refused.stderr())
                .contains("t0: pid " + other.pid() + " (python3) has 1 of its queues open")
                .contains("end that one, or use another name");
    }
}
