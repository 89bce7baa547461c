package io.culvert.run;

import io.culvert.peers.NetworkNamespace;
import java.util.List;

/**
 * A path with a narrow link in its middle, and a host behind its left end:
 *
 * <pre>
 *   behind ------------ left ------------- router ------------- right
 *   203.0.113.2         203.0.113.1
 *   2001:db8:113::2     2001:db8:113::1
 *                       192.0.2.1          192.0.2.126
 *                             MTU 1500     192.0.2.254  narrow  192.0.2.129 to 192.0.2.140
 * </pre>
 *
 * <p>Several addresses of one host, because what a kernel learns of a path it learns for one
 * destination: each test has a path of its own.
 */
final class NarrowPath implements AutoCloseable {
    static final String LEFT = "192.0.2.1";
    static final int FIRST_RIGHT = 129;
    static final int LAST_RIGHT = 140;

    private final NetworkNamespace behind = Cable.host("behind");
    private final NetworkNamespace left = Cable.host("left");
    private final NetworkNamespace router = Cable.host("router");
    private final NetworkNamespace right = Cable.host("right");

    NarrowPath(int narrowMtu) {
        List.of(behind, left, right).forEach(NarrowPath::withIpv6);
        NetworkNamespace.connect(behind, "eth0", left, "behind");
        NetworkNamespace.connect(left, "eth0", router, "left");
        NetworkNamespace.connect(router, "right", right, "eth0");
        behind.address("eth0", "203.0.113.2/24");
        behind.address("eth0", "2001:db8:113::2/64");
        left.address("behind", "203.0.113.1/24");
        left.address("behind", "2001:db8:113::1/64");
        behind.run("ip route add default via 203.0.113.1");
        behind.run("ip -6 route add default via 2001:db8:113::1");

        left.address("eth0", LEFT + "/25");
        router.address("left", "192.0.2.126/25");
        router.address("right", "192.0.2.254/25");
        for (int host = FIRST_RIGHT; host <= LAST_RIGHT; host++) {
            right.address("eth0", "192.0.2." + host + "/25");
        }
        left.run("ip route add default via 192.0.2.126");
        // its own link is wide, so that its devices are, and IPv6 has room in them
        right.run("ip route add default via 192.0.2.254 mtu " + narrowMtu);
        forward(router);
        forward(left);
        router.run("ip link set right mtu " + narrowMtu);
    }

    /** Makes the way to one of the right host's addresses narrower still. */
    void narrow(String address, int mtu) {
        router.run("ip route add %s dev right mtu %d".formatted(address, mtu));
    }

    NetworkNamespace behind() {
        return behind;
    }

    NetworkNamespace left() {
        return left;
    }

    NetworkNamespace router() {
        return router;
    }

    NetworkNamespace right() {
        return right;
    }

    private static void withIpv6(NetworkNamespace host) {
        host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
    }

    private static void forward(NetworkNamespace host) {
        host.exec(
                "sh",
                "-c",
                "cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding;"
                        // an error about a packet is to be seen each time
                        + " echo 0 >ipv4/icmp_ratelimit; echo 0 >ipv6/icmp/ratelimit");
    }

    @Override
    public void close() {
        List.of(behind, left, router, right).forEach(NetworkNamespace::close);
    }
}
