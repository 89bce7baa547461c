package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.culvert.spec.TunnelMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TunnelFileTest {
    @Test
    void eachLineIsATunnel() throws IOException {
        List<TunnelConfig> tunnels =
                read(
                        """
                        # two tunnels to one peer

                        tun0 mode gre remote 192.0.2.2 # the first
                          tun1\tmode ipip   remote 192.0.2.2
                        """);

        assertThat(tunnels)
                .extracting(tunnel -> tunnel.spec().name(), tunnel -> TunnelMode.of(tunnel.spec()))
                .containsExactly(tuple("tun0", TunnelMode.GRE), tuple("tun1", TunnelMode.IPIP));
    }

    @Test
    void aBackslashAtTheEndGoesOnInTheNextLine() throws IOException {
        List<TunnelConfig> tunnels =
                read("tun0 mode gre \\\n  remote 192.0.2.2 \\ # the peer\n ttl 64\n");

        assertThat(tunnels).hasSize(1);
        assertThat(tunnels.get(0).spec().outer().ttl()).isEqualTo(64);
    }

    @Test
    void aComplaintNamesFileAndLine() {
        complains(
                "# a comment\n\ntun0 mode gre remot 192.0.2.2\n",
                "tunnels:3: unknown word \"remot\": did you mean \"remote\"?");
    }

    @Test
    void aComplaintNamesTheFirstOfJoinedLines() {
        complains(
                "tun0 mode gre \\\nremote 192.0.2.2\ntun1 mode gre \\\n remote any\n",
                "tunnels:3: \"remote any\" is a point-to-multipoint tunnel, which is not offered:"
                        + " give the address of one peer");
    }

    @Test
    void aNameIsTakenOnce() {
        complains(
                "tun0 mode gre remote 192.0.2.2\n\ntun0 mode gre remote 192.0.2.3\n",
                "tunnels:3: name \"tun0\" is taken by line 1");
    }

    @Test
    void twoTunnelsThatReceiveTheSameAreRefused() {
        complains(
                "tun0 mode gre remote 192.0.2.2 ikey 7\n"
                        + "tun1 mode gre okey 8 ikey 7 remote 192.0.2.2",
                "tunnels:2: tun1 would receive the same packets as tun0 of line 1:"
                        + " same mode, remote, local, key and dev");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode ipip remote 192.0.2.2",
                "mode gre remote 192.0.2.3",
                "mode gre remote 192.0.2.2 local 192.0.2.1",
                "mode gre remote 192.0.2.2 key 0",
                "mode gre remote 192.0.2.2 dev eth0"
            })
    void tunnelsThatDifferInOneOfTheseStandTogether(String words) throws IOException {
        assertThat(read("tun0 mode gre remote 192.0.2.2\ntun1 " + words)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# nothing\n", "\\"})
    void aFileWithoutATunnelIsRefused(String text) {
        complains(text, "tunnels: no tunnel in it");
    }

    private static List<TunnelConfig> read(String text) throws IOException {
        return TunnelFile.read("tunnels", new BufferedReader(new StringReader(text)));
    }

    private static void complains(String text, String message) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(WordsException.class).hasMessage(message);
    }
}
