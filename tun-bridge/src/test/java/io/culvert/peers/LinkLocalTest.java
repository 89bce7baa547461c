package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The IPv6 link-local addresses of a tunnel's device: those of the kernel's tunnels of its kind.
 */
@NeedsRoot
@Timeout(60)
class LinkLocalTest {
    private static final String GRE = "mode gre remote 192.0.2.2 local 192.0.2.1";
    private static final String DERIVED = "fe80::5efe:c000:201/64";
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("ll");
        host.run("ip link add eth0 type veth peer name eth1");
        host.run("ip link set eth0 up");
        host.run("ip link set eth1 up");
        host.address("eth0", "192.0.2.1/24");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private static Set<String> addresses(String ipOutput) {
        return Arrays.stream(ipOutput.strip().split("\\s+")).skip(2).collect(Collectors.toSet());
    }

    private Set<String> addresses() {
        return addresses(host.run("ip -6 -br addr show dev t0").stdout());
    }

    private void await(Predicate<Set<String>> wanted) {
        long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
        while (!wanted.test(addresses())) {
            assertThat(System.nanoTime()).as("still %s", addresses()).isLessThan(deadlineNanos);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @NeedsRoot(programs = {"linux.uml", "perl"})
    @ParameterizedTest(name = "{0} local {1}")
    @CsvSource({
        "gre, 192.0.2.1",
        "gre, 203.0.113.9",
        "gre, any",
        "ipip, 192.0.2.1",
        "ipip, any",
        "sit, 192.0.2.1",
        "sit, any"
    })
    void theyAreTheKernels(String mode, String local) {
        try (NetworkNamespace around = NetworkNamespace.create("guest");
                UserModeLinux kernel = UserModeLinux.boot(around, "tap0")) {
            String more =
                    "ip addr add 203.0.113.9/32 dev eth0; ip addr add 10.8.0.1/24 scope link dev"
                            + " eth0; ip addr add 10.7.0.1/32 dev lo";
            kernel.exec("ip addr add 192.0.2.1/24 dev eth0; ip link set lo up; " + more);
            kernel.exec("ip link set eth0 up");
            String kernels =
                    kernel.exec(
                                    ("ip link add t0 type %s local %s remote 192.0.2.2; ip addr add"
                                                    + " 10.9.0.1/30 dev t0; ip link set t0 up; ip -6"
                                                    + " -br addr show dev t0")
                                            .formatted(mode, local))
                            .stdout();
            host.exec("sh", "-c", more);
            String payload = mode.equals("sit") ? " any" : "";
            CulvertProcess culvert =
                    CulvertProcess.run(
                            host,
                            "t0",
                            "mode %s%s remote 192.0.2.2 local %s address 10.9.0.1/30"
                                    .formatted(mode, payload, local));

            assertThat(addresses()).isEqualTo(addresses(kernels));
            culvert.close();
        }
    }

    @Test
    void theyAreTheSameAfterARestartAndAfterTheDeviceWasDown() {
        for (int start = 0; start < 2; start++) {
            CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);
            assertThat(addresses()).containsExactly(DERIVED);
            host.run("ip addr add fe80::7/64 dev t0");
            host.run("ip addr add 2001:db8::7/64 dev t0");
            host.run("ip link set t0 down");
            host.run("ip link set t0 up");
            await(Set.of(DERIVED)::equals);
            culvert.end("TERM");
        }
    }

    @Test
    void aRouteByWayOfALinkLocalAddressSurvivesOnAKeptDevice() {
        host.run("ip tuntap add dev t0 mode tun");
        for (String signal : List.of("TERM", "KILL", "TERM")) {
            CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);
            assertThat(addresses()).contains(DERIVED);
            host.run("ip addr replace fe80::7/64 dev t0");
            host.run("ip -6 route replace 2001:db8:1::/48 via fe80::5efe:c000:202 dev t0");
            culvert.end(signal);
            assertThat(addresses()).containsExactlyInAnyOrder(DERIVED, "fe80::7/64");
            assertThat(host.run("ip -6 route show dev t0").stdout())
                    .contains("2001:db8:1::/48 via");
        }
        assertThat(host.run("ip -d link show t0").stdout()).contains("addrgenmode eui64");
    }

    @Test
    void aRandomOneOfADeviceThatWasUpBeforeIsReplaced() {
        host.run("ip tuntap add dev t0 mode tun");
        host.run("ip link set t0 up");
        host.run("ip addr add fe80::7/64 dev t0");
        CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);

        await(Set.of(DERIVED, "fe80::7/64")::equals);
        culvert.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "device"})
    void noneMeansNone(String where) {
        if (where.equals("default")) {
            host.run("sysctl -qw net.ipv6.conf.default.addr_gen_mode=1");
        } else {
            host.run("ip tuntap add dev t0 mode tun");
            host.run("ip link set t0 addrgenmode none");
        }
        CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);
        host.run("ip link set t0 down");
        host.run("ip link set t0 up");
        CulvertProcess later =
                CulvertProcess.run(host, "t1", "mode gre remote 192.0.2.3 local 192.0.2.1");

        assertThat(addresses()).isEmpty();
        later.close();
        culvert.end("TERM");
        if (where.equals("device")) {
            assertThat(host.run("ip -d link show t0").stdout()).contains("addrgenmode none");
        }
    }

    @Test
    void randomByChoiceIsRandom() {
        host.run("ip tuntap add dev t0 mode tun");
        host.run("ip link set t0 addrgenmode random");
        CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);

        assertThat(addresses()).hasSize(1).doesNotContain(DERIVED);
        culvert.close();
    }

    @Test
    void whereIpv6IsOffThereIsNoneUntilItIsOn() {
        host.run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
        CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);
        assertThat(addresses()).isEmpty();

        host.run("sysctl -qw net.ipv6.conf.t0.disable_ipv6=0");
        await(Set.of(DERIVED)::equals);
        assertThat(culvert.complaints()).isEmpty();
        culvert.close();
    }

    @Test
    void anMtuThatIsTooSmallForIpv6TakesItAndALargerOneGivesItBack() {
        CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);
        host.run("ip link set t0 mtu 1000");
        await(Set::isEmpty);

        host.run("ip link set t0 mtu 1400");
        await(Set.of(DERIVED)::equals);
        culvert.close();
    }

    @Test
    void oneThatTheUserTakesAwayStaysAway() {
        CulvertProcess culvert = CulvertProcess.run(host, "t0", GRE);
        host.run("ip addr del " + DERIVED + " dev t0");
        host.run("ip addr add 2001:db8::7/64 dev t0");
        host.run("ip link set t0 mtu 1400");
        LockSupport.parkNanos(300_000_000); // several looks at the host

        assertThat(addresses()).containsExactly("2001:db8::7/64");
        culvert.close();
    }
}
