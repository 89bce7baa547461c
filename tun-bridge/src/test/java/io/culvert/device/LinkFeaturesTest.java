package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.LinkFeatures;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is read of a device is what {@code ethtool} switched. */
@NeedsRoot(programs = "ethtool")
class LinkFeaturesTest {
    @Test
    void featuresAreThoseThatAreOn() throws Exception {
        try (NetworkNamespace host = NetworkNamespace.create("host");
                NetworkNamespace peer = NetworkNamespace.create("peer")) {
            NetworkNamespace.connect(host, "eth0", peer, "eth0");
            assertThat(active(host)).doesNotContain("rx-udp-gro-forwarding", "rx-gro-list");
            assertThat(joinDatagrams(host)).isFalse();
            for (String feature : Set.of("rx-udp-gro-forwarding", "rx-gro-list")) {
                host.run("ethtool -K eth0 %s on".formatted(feature));
                assertThat(active(host)).contains(feature);
                assertThat(joinDatagrams(host)).isTrue();
                assertThat(joinDatagrams(peer)).isFalse();
                host.run("ethtool -K eth0 %s off".formatted(feature));
                assertThat(active(host)).doesNotContain(feature);
            }
            host.run("ethtool -K eth0 gro on");
            assertThat(active(host)).contains("rx-gro");
        }
        assertThat(LinkFeatures.active("no-such-device")).isEmpty();
    }

    private static Set<String> active(NetworkNamespace host) throws Exception {
        return NamespaceThread.call(host, () -> LinkFeatures.active("eth0"));
    }

    private static boolean joinDatagrams(NetworkNamespace host) throws Exception {
        return NamespaceThread.call(host, LinkFeatures::joinDatagrams);
    }
}
