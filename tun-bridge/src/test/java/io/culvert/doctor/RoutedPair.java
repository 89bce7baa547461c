package io.culvert.doctor;

import io.culvert.peers.NetworkNamespace;
import java.util.List;

/**
 * Two hosts and the network between them, which is a router: faults are built into it.
 *
 * <pre>
 *   left 192.0.2.1 --- 192.0.2.126 router 192.0.2.254 --- 192.0.2.129 right
 * </pre>
 */
final class RoutedPair implements AutoCloseable {
    static final String LEFT = "192.0.2.1";
    static final String RIGHT = "192.0.2.129";

    private final NetworkNamespace left = host("left");
    private final NetworkNamespace router = host("router");
    private final NetworkNamespace right = host("right");

    RoutedPair() {
        NetworkNamespace.connect(left, "eth0", router, "left");
        NetworkNamespace.connect(router, "right", right, "eth0");
        left.address("eth0", LEFT + "/25");
        router.address("left", "192.0.2.126/25");
        router.address("right", "192.0.2.254/25");
        right.address("eth0", RIGHT + "/25");
        left.run("ip route add default via 192.0.2.126");
        right.run("ip route add default via 192.0.2.254");
        router.exec(
                "sh",
                "-c",
                "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/icmp_ratelimit");
    }

    private static NetworkNamespace host(String label) {
        NetworkNamespace host = NetworkNamespace.create("doctor-" + label);
        host.exec(
                "sh",
                "-c",
                "cd /proc/sys/net; echo 1 >ipv6/conf/default/disable_ipv6;"
                        + " echo 0 >ipv4/conf/all/rp_filter; echo 0 >ipv4/conf/default/rp_filter");
        return host;
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

    /** Adds a rule to a chain of its own at a hook. */
    static void rule(NetworkNamespace host, String hook, String policy, String rule) {
        host.run("nft add table ip fault");
        host.exec(
                "nft",
                "add chain ip fault %s { type filter hook %s priority 0 ; policy %s ; }"
                        .formatted(hook, hook, policy));
        host.run("nft add rule ip fault %s %s".formatted(hook, rule));
    }

    /** Takes all rules away. */
    void mend() {
        List.of(left, router, right).forEach(host -> host.run("nft flush ruleset"));
    }

    @Override
    public void close() {
        List.of(left, router, right).forEach(NetworkNamespace::close);
    }
}
