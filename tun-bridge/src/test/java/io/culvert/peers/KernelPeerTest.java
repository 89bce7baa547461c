package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpPacket;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.TcpPacket;

/**
 * Culvert at one end, the {@code ip tunnel} of a Linux kernel at the other, and on the wire between
 * them tcpdump and pcap4j, which nobody here wrote either.
 */
@NeedsRoot(programs = {"linux.uml", "perl", "ping", "socat", "tcpdump"})
@Timeout(60)
class KernelPeerTest {
    private static final String OURS = "192.0.2.1";
    private static final String KERNELS = "192.0.2.2";
    private static final String OURS6 = "2001:db8:ff::1";
    private static final String KERNELS6 = "2001:db8:ff::2";
    private static final int TRANSFER_BYTES = 300 * 1024;
    private static final long SEED = 2784;

    private static NetworkNamespace host;
    private static UserModeLinux kernel;

    /** One case: both ends' options, where they differ, and which protocol is inside. */
    record Tunnel(String mode, String ourOptions, String kernelOptions, boolean hasIpv6Inside) {
        String ourInner() {
            return hasIpv6Inside ? "2001:db8:1::1" : "198.51.100.1";
        }

        String kernelsInner() {
            return hasIpv6Inside ? "2001:db8:1::2" : "198.51.100.2";
        }

        String prefix() {
            return hasIpv6Inside ? "/64" : "/30";
        }

        boolean isOverIpv6() {
            return mode.startsWith("ip6");
        }

        boolean isEthernet() {
            return mode.endsWith("tap");
        }

        String ours() {
            return isOverIpv6() ? OURS6 : OURS;
        }

        String kernels() {
            return isOverIpv6() ? KERNELS6 : KERNELS;
        }

        /** What of the wire is this tunnel's, for tcpdump. */
        String filter() {
            return switch (mode) {
                case "gre", "gretap" -> "ip proto 47";
                case "ipip" -> "ip proto 4";
                case "sit" -> "ip proto 41";
                default -> "ip6 proto 60"; // behind the option of the encapsulation limit
            };
        }

        @Override
        public String toString() {
            return mode + " " + ourOptions + (hasIpv6Inside ? " with IPv6 inside" : "");
        }
    }

    static Stream<Tunnel> tunnels() {
        return Stream.of(
                new Tunnel("gre", "", "", false),
                new Tunnel("gre", "key 7", "key 7", false),
                new Tunnel("gre", "ikey 7 okey 1.2.3.4", "okey 7 ikey 1.2.3.4", false),
                new Tunnel("gre", "csum", "csum", false),
                new Tunnel("gre", "seq", "seq", false),
                new Tunnel("gre", "key 7 csum seq", "key 7 csum seq", false),
                new Tunnel("gre", "", "", true),
                new Tunnel("gre", "key 7 csum seq", "key 7 csum seq", true),
                new Tunnel("ipip", "", "", false),
                new Tunnel("sit", "", "", true),
                new Tunnel("gretap", "", "", false),
                new Tunnel("gretap", "key 7 csum seq", "key 7 csum seq", true),
                new Tunnel("ip6gre", "", "", false),
                new Tunnel("ip6gre", "", "", true),
                new Tunnel("ip6gre", "key 7 csum seq", "key 7 csum seq", false),
                new Tunnel("ip6gretap", "", "", false),
                new Tunnel("ip6gretap", "key 7 csum seq", "key 7 csum seq", true),
                new Tunnel("ip6tnl", "any", "mode any", false),
                new Tunnel("ip6tnl", "any", "mode any", true),
                new Tunnel("ip6tnl", "ipip6", "mode ipip6", false),
                new Tunnel("ip6tnl", "ip6ip6", "mode ip6ip6", true));
    }

    @BeforeAll
    static void bootTheKernel() throws IOException {
        host = NetworkNamespace.create("host");
        kernel = UserModeLinux.boot(host, "tap0");
        host.address("tap0", OURS + "/24");
        host.exec("ip", "addr", "add", OURS6 + "/64", "dev", "tap0", "nodad");
        kernel.exec("ip addr add %s/24 dev eth0 && ip link set eth0 up".formatted(KERNELS));
        kernel.exec("ip addr add %s/64 dev eth0 nodad".formatted(KERNELS6));
        byte[] bytes = new byte[TRANSFER_BYTES];
        new Random(SEED).nextBytes(bytes);
        Files.write(sent(), bytes);
    }

    @AfterAll
    static void endTheKernel() {
        if (kernel != null) {
            kernel.close();
        }
        if (host != null) {
            host.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tunnels")
    void pingsAndTcpPassBothWaysAndTheWireShowsNoError(Tunnel tunnel) throws Exception {
        String words =
                "mode %s %s remote %s local %s ttl 64 address %s%s"
                        .formatted(
                                tunnel.mode(),
                                tunnel.ourOptions(),
                                tunnel.kernels(),
                                tunnel.ours(),
                                tunnel.ourInner(),
                                tunnel.prefix());
        try (CulvertProcess culvert = CulvertProcess.run(host, "cvt0", words)) {
            raiseKernelsEnd(tunnel);
            // Before both ends are up either may well answer the other's first packets with an
            // error.
            host.exec("ping", "-c", "1", "-w", "10", tunnel.kernelsInner());
            try (PacketCapture capture = PacketCapture.start(host, "tap0")) {
                for (int size : List.of(56, 1400, 4000)) {
                    String bytes = "-s " + size;
                    ThreePings.assertAllAnswered(
                            host.run(ThreePings.command(tunnel.kernelsInner(), bytes)));
                    ThreePings.assertAllAnswered(
                            kernel.exec(ThreePings.command(tunnel.ourInner(), bytes)));
                }
                assertThat(receivedByKernel(tunnel)).hasSameBinaryContentAs(sent());
                assertThat(receivedByUs(tunnel)).hasSameBinaryContentAs(sent());
                capture.stop();
                assertNoErrorOnTheWire(capture, tunnel);
                assertTcpdumpFindsOurPacketsSound(capture, tunnel);
                if (!tunnel.isOverIpv6() && !tunnel.isEthernet()) {
                    assertPcap4jFindsOurPacketsSound(capture, tunnel);
                }
            }
            assertEverythingPassed(culvert.stop(), tunnel);
        } finally {
            kernel.attempt("ip link del kernel0");
        }
    }

    private static void raiseKernelsEnd(Tunnel tunnel) {
        kernel.exec(
                """
                set -e
                ip link add kernel0 type %s %s local %s remote %s ttl 64
                ip link set kernel0 up
                ip addr add %s%s dev kernel0 nodad
                """
                        .formatted(
                                tunnel.mode(),
                                tunnel.kernelOptions(),
                                tunnel.kernels(),
                                tunnel.ours(),
                                tunnel.kernelsInner(),
                                tunnel.prefix()));
    }

    private static Path receivedByKernel(Tunnel tunnel) {
        try (BackgroundProcess sender =
                host.start("socat", "-u", "OPEN:" + sent(), connect(tunnel.kernelsInner()))) {
            kernel.exec(
                    "socat -u %s CREATE:/mnt/received".formatted(listen(tunnel.kernelsInner())));
            sender.awaitEnd(Duration.ofSeconds(10)).orThrow();
        }
        return received();
    }

    private static Path receivedByUs(Tunnel tunnel) {
        try (BackgroundProcess receiver =
                host.start("socat", "-u", listen(tunnel.ourInner()), "CREATE:" + received())) {
            kernel.exec("socat -u OPEN:/mnt/sent %s".formatted(connect(tunnel.ourInner())));
            receiver.awaitEnd(Duration.ofSeconds(10)).orThrow();
        }
        return received();
    }

    private static String listen(String address) {
        return address.contains(":")
                ? "TCP6-LISTEN:5001,reuseaddr,bind=[%s]".formatted(address)
                : "TCP4-LISTEN:5001,reuseaddr,bind=%s".formatted(address);
    }

    /** Connects with patience: the listener is started at the same time. */
    private static String connect(String address) {
        return (address.contains(":") ? "TCP6:[%s]" : "TCP4:%s").formatted(address)
                + ":5001,retry=100,interval=0.1";
    }

    private static Path sent() {
        return kernel.scratch().resolve("sent");
    }

    private static Path received() {
        return kernel.scratch().resolve("received");
    }

    private static void assertNoErrorOnTheWire(PacketCapture capture, Tunnel tunnel) {
        String protocol = tunnel.filter();
        // Three pings of one, one and three packets each way, asked and answered, and the
        // transfers.
        assertThat(capture.decode(protocol + " and src " + tunnel.ours())).hasSizeGreaterThan(30);
        assertThat(capture.decode(protocol + " and src " + tunnel.kernels()))
                .hasSizeGreaterThan(30);
        assertThat(capture.decode("icmp")).isEmpty();
        assertThat(capture.decode("icmp6 and ip6[40] < 128")).as("ICMPv6 errors").isEmpty();
        assertThat(capture.decode("ip6 proto 44")).as("outer IPv6 fragments").isEmpty();
        assertThat(capture.decode("ip[6:2] & 0x3fff != 0")).as("outer fragments").isEmpty();
    }

    private static void assertTcpdumpFindsOurPacketsSound(PacketCapture capture, Tunnel tunnel) {
        List<String> ours =
                capture.decodeVerbosely("%s and src %s".formatted(tunnel.filter(), tunnel.ours()));
        assertThat(ours)
                .anyMatch(line -> line.contains("echo request"))
                .anyMatch(line -> line.contains("echo reply"))
                .anyMatch(line -> line.contains("(correct)"))
                .noneMatch(line -> line.contains("bad cksum"))
                .noneMatch(line -> line.contains("incorrect"))
                .noneMatch(line -> line.contains("[|") || line.contains("truncated"));
    }

    private static void assertPcap4jFindsOurPacketsSound(PacketCapture capture, Tunnel tunnel)
            throws IllegalRawDataException {
        List<IpV4Packet> ours =
                OuterPackets.read(capture.file(), "%s and src %s".formatted(tunnel.filter(), OURS));
        int transports = 0;
        for (IpV4Packet outer : ours) {
            assertThat(outer.getHeader().hasValidChecksum(false)).as("%s", outer).isTrue();
            assertThat(outer.getHeader().getTtlAsInt()).isEqualTo(64);
            assertThat(outer.getHeader().getDontFragmentFlag()).isTrue();
            assertThat(outer.getHeader().getIdentificationAsInt()).isNotZero();
            IpPacket inner = OuterPackets.inner(outer);
            assertThat(OuterPackets.hasValidChecksums(inner)).as("%s", inner).isTrue();
            if (inner.contains(TcpPacket.class)) {
                transports++;
            }
        }
        assertThat(transports).as("TCP segments").isGreaterThan(TRANSFER_BYTES / 1500);
    }

    private static void assertEverythingPassed(CulvertSummary summary, Tunnel tunnel) {
        assertThat(summary.packetsIn()).isGreaterThan(30);
        assertThat(summary.packetsOut()).isGreaterThan(30);
        // The kernel gives a TUN device IPv6 whatever the tunnel carries, and looks for routers
        // through it.
        assertThat(summary.drops().keySet())
                .isSubsetOf(
                        tunnel.mode().equals("ipip") ? Set.of("payload-not-carried") : Set.of());
        assertThat(summary.packetsMissed()).isZero();
        assertThat(summary.packetsRead())
                .as("every packet read was delivered or belonged to no tunnel")
                .isEqualTo(
                        summary.packetsIn()
                                + summary.packetsOfNoTunnel().values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum());
    }
}
