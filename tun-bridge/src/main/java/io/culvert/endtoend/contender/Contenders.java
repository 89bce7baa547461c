package io.culvert.endtoend.contender;

import io.culvert.spec.TunnelMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** All that can be compared. */
public final class Contenders {
    /** The one that all others are compared with by default. */
    public static final String DIRECT = "direct";

    private Contenders() {}

    /** The usual ones: each mode of Culvert, and GRE in the ways that make a difference. */
    public static List<Contender> usual() {
        TunnelMode gre = TunnelMode.GRE;
        return withOthers(
                List.of(
                        new CulvertTunnel(gre, List.of(), List.of()),
                        new CulvertTunnel(gre, List.of(), List.of("offload", "off")),
                        new CulvertTunnel(gre, List.of("--lanes", "2"), List.of()),
                        new CulvertTunnel(gre, List.of("--spin", "20"), List.of()),
                        new CulvertTunnel(gre, List.of("--underlay", "packet"), List.of()),
                        new CulvertTunnel(TunnelMode.IPIP, List.of(), List.of()),
                        new CulvertTunnel(TunnelMode.SIT, List.of(), List.of())));
    }

    /**
     * Each mode of Culvert in each variant.
     *
     * @param offloads values of the word {@code offload}; {@code auto} is a tunnel's default
     * @param lanes values of the option {@code --lanes}; {@code auto} is the command's default
     * @param spins values of the option {@code --spin}; {@code 0} is the command's default
     * @param underlays values of the option {@code --underlay}; {@code raw} is its default
     */
    public static List<Contender> variants(
            List<String> offloads, List<String> lanes, List<String> spins, List<String> underlays) {
        List<List<String>> options = List.of(List.of());
        options = eachWith(options, unless("auto", "--lanes", lanes));
        options = eachWith(options, unless("0", "--spin", spins));
        options = eachWith(options, unless("raw", "--underlay", underlays));
        Set<CulvertTunnel> culverts = new LinkedHashSet<>();
        for (TunnelMode mode : List.of(TunnelMode.GRE, TunnelMode.IPIP, TunnelMode.SIT)) {
            for (List<String> words : unless("auto", "offload", offloads)) {
                for (List<String> chosen : options) {
                    culverts.add(new CulvertTunnel(mode, chosen, words));
                }
            }
        }
        return withOthers(List.copyOf(culverts));
    }

    /** Each of the beginnings with each of the ends, in the order of the beginnings. */
    private static List<List<String>> eachWith(
            List<List<String>> beginnings, List<List<String>> ends) {
        return beginnings.stream()
                .flatMap(
                        beginning ->
                                ends.stream()
                                        .map(end -> Stream.of(beginning, end))
                                        .map(both -> both.flatMap(List::stream).toList()))
                .toList();
    }

    private static List<List<String>> unless(String usual, String word, List<String> values) {
        return values.stream()
                .map(value -> value.equals(usual) ? List.<String>of() : List.of(word, value))
                .toList();
    }

    private static List<Contender> withOthers(List<CulvertTunnel> culverts) {
        List<Contender> all = new ArrayList<>();
        all.add(new NoTunnel(Segmentation.OFFLOADED));
        all.add(new NoTunnel(Segmentation.PER_PACKET));
        all.addAll(culverts);
        all.add(KernelTunnel.vxlan(Segmentation.OFFLOADED));
        all.add(KernelTunnel.vxlan(Segmentation.PER_PACKET));
        all.add(KernelTunnel.gre());
        all.add(KernelTunnel.ipip());
        all.add(new SocatIpip());
        all.add(new OpenVswitch());
        all.add(new WireguardGo());
        return all;
    }
}
