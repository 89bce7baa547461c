package io.culvert.loop;

import io.culvert.control.TunnelWords;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * What is carried how.
 *
 * @param words the tunnel's mode and options, in the words of {@code culvert run}
 * @param innerBytes length of the inner packets
 */
public record LoopCase(String words, int innerBytes) {
    private static final List<String> TUNNELS =
            List.of("gre", "gre csum", "gre key 7 csum seq", "ipip", "sit");
    private static final List<Integer> SIZES = List.of(64, 512, 1400);
    private static final String LEFT = "192.0.2.1";
    private static final String RIGHT = "192.0.2.2";

    /** Each mode, and the options of GRE that cost something, at three sizes. */
    public static List<LoopCase> usual() {
        List<LoopCase> cases = new ArrayList<>();
        for (String tunnel : TUNNELS) {
            for (int size : SIZES) {
                cases.add(new LoopCase(tunnel, size));
            }
        }
        return cases;
    }

    /** The end that encapsulates. */
    TunnelSpec left() {
        return spec(LEFT, RIGHT);
    }

    /** The end that decapsulates. */
    TunnelSpec right() {
        return spec(RIGHT, LEFT);
    }

    /** Whether the inner packets are IPv6. */
    boolean carriesIpv6() {
        return !left().payload().carries(IpVersion.IPV4);
    }

    private TunnelSpec spec(String local, String remote) {
        String line = "tunnel0 local %s remote %s mode %s".formatted(local, remote, words);
        return TunnelWords.parse(List.of(line.split(" "))).spec();
    }
}
