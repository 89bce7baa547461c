package io.culvert.run;

import io.culvert.peers.NetworkNamespace;

/**
 * Two hosts on a cable: <i>left</i> is 192.0.2.1 and <i>right</i> 192.0.2.2, each on its device
 * {@code eth0}.
 *
 * <p>Without IPv6 of their own accord: no neighbour or router solicitation adds to what a test
 * counts.
 */
final class Cable implements AutoCloseable {
    static final String LEFT = "192.0.2.1";
    static final String RIGHT = "192.0.2.2";

    private final NetworkNamespace left = host("left");
    private final NetworkNamespace right = host("right");

    Cable() {
        NetworkNamespace.connect(left, "eth0", right, "eth0");
        left.address("eth0", LEFT + "/24");
        right.address("eth0", RIGHT + "/24");
    }

    /** A host that has no IPv6 until a test gives it some, and filters nothing. */
    static NetworkNamespace host(String label) {
        NetworkNamespace host = NetworkNamespace.create(label);
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

    NetworkNamespace right() {
        return right;
    }

    @Override
    public void close() {
        left.close();
        right.close();
    }
}
