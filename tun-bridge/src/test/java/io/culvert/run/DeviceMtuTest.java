package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A new device's MTU is what the kernel would give one with the same options. */
@NeedsRoot
@Timeout(60)
class DeviceMtuTest {
    /** The words of a tunnel and what the kernel was seen to take off the link's MTU for them. */
    private static final List<String> TABLE =
            List.of(
                    "24 mode gre",
                    "28 mode gre key 1",
                    "28 mode gre csum",
                    "28 mode gre seq",
                    "32 mode gre key 2 csum",
                    "32 mode gre key 3 seq",
                    "32 mode gre csum seq",
                    "36 mode gre key 4 csum seq",
                    "24 mode gre ikey 5",
                    "24 mode gre icsum",
                    "24 mode gre iseq",
                    "28 mode gre okey 6",
                    "28 mode gre ocsum",
                    "28 mode gre oseq",
                    "24 mode gre nopmtudisc",
                    "24 mode gre nopmtudisc ignore-df",
                    "20 mode ipip",
                    "20 mode sit",
                    "20 mode sit any");

    @ParameterizedTest
    @ValueSource(ints = {1400, 1500, 9000})
    void itIsTheLinksMtuWithoutTheHeaders(int linkMtu) {
        try (Cable cable = new Cable()) {
            NetworkNamespace left = cable.left();
            left.run("ip link set eth0 mtu " + linkMtu);
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < TABLE.size(); i++) {
                String words = TABLE.get(i).split(" ", 2)[1];
                lines.add("t%d %s remote 192.0.2.%d".formatted(i, words, 100 + i));
            }
            lines.add("wide mode gre remote 192.0.2.99 mtu 1500");
            CulvertProcess culvert = CulvertProcess.startFile(left, lines);
            culvert.awaitUp();

            String links = left.run("ip -o link show").stdout();
            for (int i = 0; i < TABLE.size(); i++) {
                int expected = linkMtu - Integer.parseInt(TABLE.get(i).split(" ", 2)[0]);
                assertThat(links)
                        .as(TABLE.get(i))
                        .containsPattern(" t%d: .* mtu %d ".formatted(i, expected));
                assertThat(culvert.upLine("t" + i)).contains("mtu " + expected + ",");
            }
            assertThat(links).containsPattern(" wide: .* mtu 1500 ");
            culvert.stop();
        }
    }

    @Test
    void anIpv6AddressIsRefusedWithTheReasonWhereTheLinkLeavesNoRoomForIt() {
        try (Cable cable = new Cable()) {
            NetworkNamespace left = cable.left();
            left.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
            left.run("ip link set eth0 mtu 1300");
            String words = "mode gre remote 192.0.2.2 address 2001:db8::1/64";
            Outcome refused = CulvertProcess.refuse(left, "cvt0", words);
            assertThat(refused.exitStatus()).isEqualTo(1);
            assertThat(refused.stderr())
                    .isEqualTo(
                            "culvert: cvt0: address 2001:db8::1/64 needs an MTU of 1280, and the"
                                    + " underlay leaves 1276: add mtu 1280 nopmtudisc\n");

            CulvertProcess culvert =
                    CulvertProcess.run(left, "cvt0", words + " mtu 1280 nopmtudisc");
            assertThat(left.run("ip addr show dev cvt0").stdout()).contains("2001:db8::1/64");
            culvert.stop();
        }
    }
}
