package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel knows of a path's MTU is what the tunnel goes by, smaller and larger. */
@NeedsRoot(programs = {"ip", "ping", "sysctl"})
@Timeout(60)
class KnownPathTest {
    private static final String RIGHT = "192.0.2." + NarrowPath.FIRST_RIGHT;
    private static final String INNER = "198.51.100.2";

    private NarrowPath path;
    private CulvertProcess culvert;

    @BeforeEach
    void raiseTunnels() {
        path = new NarrowPath(1300);
        path.left().run("sysctl -qw net.ipv4.route.mtu_expires=600");
        String words = "t0 mode gre local %s remote %s address 198.51.100.%d/30";
        culvert = CulvertProcess.startFile(path.left(), lines(words, NarrowPath.LEFT, RIGHT, 1));
        CulvertProcess peer =
                CulvertProcess.startFile(path.right(), lines(words, RIGHT, NarrowPath.LEFT, 2));
        culvert.awaitUp();
        peer.awaitUp();
    }

    private static List<String> lines(String words, Object... values) {
        return List.of(words.formatted(values));
    }

    @AfterEach
    void takeAwayThePath() {
        path.close();
    }

    @Test
    void theRoutesOwnMtuCountsAtOnceAndNoLongerThanTheRoute() {
        String gateway = path.left().run("ip route get " + RIGHT).stdout();
        String via = gateway.replaceFirst("(?s).* (via \\S+ dev \\S+).*", "$1");
        path.left().run("ip route replace " + RIGHT + " " + via + " mtu lock 1200");
        Eventually.isTrue("the route's MTU is known", () -> largestIs(1176));
        assertThat(stats()).contains("path mtu 1200 (set by the route)");
        path.left().run("ip route del " + RIGHT + " " + via + " mtu lock 1200");
        Eventually.isTrue("the link's MTU is known again", () -> stats().contains("path mtu 1500"));
    }

    @Test
    void whatTheKernelHasLearntCountsAsLongAsItRemembers() {
        Eventually.isTrue("the path is learnt", () -> largestIs(1276));
        Eventually.isTrue(
                "stats say where it is from",
                () -> stats().contains("path mtu 1300 (learnt by ICMP, expires in "));
        path.left().run("ip route flush cache");
        Eventually.isTrue("it is forgotten", () -> stats().contains("path mtu 1500"));
        assertThat(largestIs(1276)).as("learnt again").isTrue();
    }

    @Test
    void itIsForgottenWhenTheKernelForgetsIt() {
        path.left().run("sysctl -qw net.ipv4.route.mtu_expires=2");
        Eventually.isTrue("the path is learnt", () -> largestIs(1276));
        Eventually.isTrue("it expires", () -> stats().contains("path mtu 1500"));
    }

    private boolean largestIs(int mtu) {
        return Pinging.output(path.left(), INNER, 3, "-M", "do", "-s", "1400")
                .matches("(?s).*mtu ?= ?" + mtu + "\\D.*");
    }

    private String stats() {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of("stats", "t0"));
        return path.left().attempt(command.toArray(String[]::new)).stdout();
    }
}
