package io.culvert.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatsTest {
    private static final Map<String, Object> NAMESPACE = namespace("hangzhou", 4_026_532_177L);
    private static final String UP = "tun0: up, gre 192.0.2.1 -> 192.0.2.2, mtu 1476";

    /** An answer of a tunnel that has received so many packets of 100 bytes, and sent ten. */
    private static Sample sample(double uptimeSeconds, long packets, long wrongKeys) {
        return read(
                """
                {"pid": 4711, "uptime-seconds": %s, "tunnels": [{
                  "name": "tun0", "up": "%s", "mtu-bytes": 1476, "path-mtu-bytes": 1500,
                  "received": {"bytes": %d, "packets": %d, "errors": %d, "dropped": 0,
                    "length": 0, "crc": 0, "frame": 0, "fifo": 0},
                  "sent": {"bytes": 840, "packets": 10, "errors": 0, "dropped": 2,
                    "carrier": 0, "collisions": 0},
                  "drops": [
                    {"reason": "key-mismatch", "direction": "received", "packets": %d,
                     "description": "the packet's key is not the tunnel's"},
                    {"reason": "underlay-full", "direction": "sent", "packets": 2,
                     "description": "the underlay's queue is full"}],
                  "fragments-made": 4,
                  "icmp": {"errors-received": 1, "last-error": "port unreachable (3/3)",
                    "errors-written": 0},
                  "keepalive": {"received": 0, "sent": 0, "answers-sent": 0, "peer": null},
                  "latency-received": [8000, %d, 20000, 1], "latency-sent": [],
                  "round-trip": null}],
                 "lanes": [{"lane": 0, "received-packets": 130, "missed-packets": 4, "drops": [
                   {"reason": "no-tunnel", "direction": "received", "packets": 2,
                    "description": "no tunnel has these outer addresses"}]}]}
                """
                        .formatted(
                                uptimeSeconds,
                                UP,
                                packets * 100,
                                packets,
                                wrongKeys,
                                wrongKeys,
                                packets - 1));
    }

    @SuppressWarnings("unchecked")
    private static Sample read(String json) {
        return Sample.of(NAMESPACE, (Map<String, Object>) Json.read(json));
    }

    /** The same of another process, in a namespace that has no name. */
    private static Sample elsewhere(Sample sample) {
        Map<String, Object> answer = new LinkedHashMap<>(sample.answer());
        answer.put("pid", BigDecimal.valueOf(4712));
        return Sample.of(namespace(null, 4_026_532_178L), answer);
    }

    private static Map<String, Object> namespace(String name, long inode) {
        Map<String, Object> namespace = new LinkedHashMap<>();
        namespace.put("name", name);
        namespace.put("inode", inode);
        return namespace;
    }

    private static Sample nowhere(Sample sample) {
        return Sample.of(Map.of(), sample.answer());
    }

    @Test
    void countsAreShownAsIpShowsThemAndWhatDidNotHappenIsNot() {
        assertThat(StatsText.of(List.of(sample(3725.5, 100, 3))))
                .isEqualTo(
                        """
                        tun0: up, gre 192.0.2.1 -> 192.0.2.2, mtu 1476
                            pid 4711, netns hangzhou, up 1:02:05, path mtu 1500
                            RX:  bytes  packets  errors  dropped  length  crc  frame  fifo
                                 10000      100       3        0       0    0      0     0
                            TX:  bytes  packets  errors  dropped  carrier  collisions
                                   840       10       0        2        0           0
                            drop key-mismatch              3  the packet's key is not the tunnel's
                            drop underlay-full             2  the underlay's queue is full
                            fragments made: 4
                            ICMP errors about outer packets: 1, the last: port unreachable (3/3)
                            latency          p50      p90      p99    p99.9      max  packets
                            wire to TUN  8.03 us  8.03 us  8.03 us  20.1 us  20.1 us      100
                        lane/0: 130 packets from the wire, 4 missed: a socket's receive buffer was full
                            drop no-tunnel                 2  no tunnel has these outer addresses
                        """);
    }

    @Test
    void whatAnotherVersionDoesNotSayIsLeftOut() {
        Sample other = read("{\"tunnels\": [{\"name\": \"tun0\"}, 7], \"lanes\": {}}");
        assertThat(StatsText.of(List.of(nowhere(other))))
                .contains("pid 0, up 0:00:00")
                .doesNotContain("null", "netns", "latency", "lane/");
    }

    @Test
    void theNextHopIsShownAsIpShowsNeighboursAndWhatHasNoneSaysWhy() {
        String tunnel = "{\"tunnels\": [{\"name\": \"tun0\", \"underlay\": %s}]}";
        Sample hop =
                read(
                        tunnel.formatted(
                                """
                                {"kind": "packet", "next-hop": {"address": "192.0.2.254",
                                 "device": "eth0", "link-address": "02:00:00:00:00:02",
                                 "mtu-bytes": 1500}, "obstacle": null}"""));
        Sample none =
                read(
                        tunnel.formatted(
                                """
                                {"kind": "packet", "next-hop": null,
                                 "obstacle": "eth0 has no carrier"}"""));
        Sample raw = read(tunnel.formatted("{\"kind\": \"raw\"}"));

        assertThat(StatsText.of(List.of(hop)))
                .contains("\n    next hop 192.0.2.254 dev eth0 lladdr 02:00:00:00:00:02\n")
                .doesNotContain("raw");
        assertThat(StatsText.of(List.of(none)))
                .contains("\n    by raw sockets: eth0 has no carrier\n")
                .doesNotContain("next hop");
        assertThat(StatsText.of(List.of(raw))).doesNotContain("next hop", "raw");
        assertThat(new WatchText(false).screen(List.of(Interval.between(none, hop))))
                .contains("next hop 192.0.2.254 dev eth0");
    }

    @Test
    void ratesAreOfTheIntervalAlone() {
        Interval interval = Interval.between(sample(10, 100, 3), sample(12, 1100, 5));

        assertThat(WatchText.lines(List.of(interval)))
                .isEqualTo(
                        "12.0 tun0 in 400 kb/s 500 packets/s out 0 b/s 0 packets/s drops 1/s"
                                + " in p50 8.03 us p99 8.03 us\n");
    }

    @Test
    void theScreenIsDrawnOverTheLastOneAndItsCurveGrows() {
        WatchText watch = new WatchText(false);
        watch.screen(List.of(Interval.between(sample(10, 100, 3), sample(11, 200, 3))));
        String screen =
                watch.screen(List.of(Interval.between(sample(11, 200, 3), sample(12, 600, 5))));

        assertThat(screen).startsWith("\u001b[H" + UP + "\u001b[K\n").endsWith("\u001b[J");
        assertThat(screen).contains("RX    320 kb/s        400 packets/s  .#");
        assertThat(screen).contains("drop key-mismatch              5  +2 ");
        assertThat(screen).contains("lane/0: 4 missed, no-tunnel 2");
        assertThat(screen).doesNotContain("TUN to wire");
    }

    @Test
    void programsGetPercentilesInsteadOfHistograms() {
        Map<?, ?> report = report(List.of(sample(10, 100, 3)));
        Map<?, ?> tunnel = (Map<?, ?>) ((List<?>) report.get("tunnels")).get(0);

        assertThat(tunnel.get("pid")).hasToString("4711");
        assertThat(tunnel.get("latency-sent")).isNull();
        assertThat(tunnel.get("round-trip")).isNull();
        assertThat(tunnel.get("latency-received"))
                .hasToString(
                        "{packets=100, p50-nanos=8031, p90-nanos=8031, p99-nanos=8031,"
                                + " p99.9-nanos=20095, max-nanos=20095}");
    }

    @Test
    void theTunnelsOfSeveralProcessesAreOneListThatSaysWhoseTheyAre() {
        Sample here = sample(10, 100, 3);
        Map<?, ?> report = report(List.of(here, elsewhere(here)));
        List<?> tunnels = (List<?>) report.get("tunnels");
        List<?> processes = (List<?>) report.get("processes");

        assertThat(tunnels).hasSize(2);
        assertThat(tunnels.get(0).toString())
                .startsWith(
                        "{name=tun0, pid=4711,"
                                + " network-namespace={name=hangzhou, inode=4026532177}, up=tun0");
        assertThat(tunnels.get(1).toString())
                .startsWith(
                        "{name=tun0, pid=4712,"
                                + " network-namespace={name=null, inode=4026532178}, up=tun0");
        assertThat(processes).hasSize(2);
        assertThat(processes.get(1).toString())
                .startsWith(
                        "{pid=4712, network-namespace={name=null, inode=4026532178},"
                                + " uptime-seconds=10.0, lanes=[{lane=0, received-packets=130,")
                .doesNotContain("tun0");
        assertThat(report.keySet()).hasToString("[tunnels, processes]");
    }

    @Test
    void peopleSeeWhichProcessATunnelBelongsToWhereThereAreSeveral() {
        Sample here = sample(10, 100, 3);
        Sample later = sample(12, 1100, 3);
        String text = StatsText.of(List.of(here, elsewhere(here)));
        List<Interval> intervals =
                List.of(
                        Interval.between(here, later),
                        Interval.between(elsewhere(here), elsewhere(later)));

        assertThat(text)
                .contains(
                        "\n    pid 4711, netns hangzhou, up 0:00:10, path mtu 1500\n",
                        "\n    pid 4712, netns net:[4026532178], up 0:00:10, path mtu 1500\n",
                        "\npid 4712, netns net:[4026532178]: lane/0: 130 packets from the wire, ");
        assertThat(StatsText.of(List.of(elsewhere(here)))).contains("    pid 4712, up 0:00:10");
        assertThat(WatchText.lines(intervals).lines())
                .hasSize(2)
                .allMatch(line -> line.contains(" tun0 in 400 kb/s 500 packets/s "))
                .anyMatch(line -> line.startsWith("12.0 pid 4711 netns hangzhou tun0 "))
                .anyMatch(line -> line.startsWith("12.0 pid 4712 netns net:[4026532178] tun0 "));
        assertThat(new WatchText(false).screen(intervals))
                .contains(
                        "    pid 4711, netns hangzhou, up", "    pid 4712, netns net:[4026532178]");
        assertThat(StatsJson.ofIntervals(intervals).get("rates").toString())
                .contains("{name=tun0, pid=4711, ", "{name=tun0, pid=4712, ")
                .contains("interval-seconds=2.0");
    }

    @Test
    void percentileFilesOfSeveralProcessesDoNotOverwriteEachOther(@TempDir Path directory)
            throws IOException {
        Sample here = sample(10, 100, 3);
        String name = directory.resolve("lat").toString();

        assertThat(HgrmFiles.write(List.of(here, elsewhere(here)), name))
                .containsExactly(
                        directory.resolve("lat-4711-tun0-received.hgrm"),
                        directory.resolve("lat-4712-tun0-received.hgrm"))
                .allMatch(Files::exists);
    }

    private static Map<?, ?> report(List<Sample> samples) {
        return (Map<?, ?>) Json.read(Json.write(StatsJson.of(samples)));
    }

    @Test
    void percentileFilesAreMadeForWhatWasMeasured(@TempDir Path directory) throws IOException {
        List<Path> files =
                HgrmFiles.write(
                        List.of(sample(10, 100, 3)), directory.resolve("lat.hgrm").toString());

        assertThat(files).containsExactly(directory.resolve("lat-tun0-received.hgrm"));
        assertThat(directory).isDirectoryContaining("glob:**/lat-tun0-received.hgrm");
        assertThat(Files.readString(files.get(0)))
                .contains("Value", "Percentile")
                .contains("8.03")
                .contains("Total count    =          100");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 b/s",
        "999, 999 b/s",
        "999.6, 1.00 kb/s",
        "12345, 12.3 kb/s",
        "999499999, 999 Mb/s",
        "1.2e9, 1.20 Gb/s",
        "4e15, 4000 Tb/s"
    })
    void ratesHaveThreeDigitsAndAUnit(double perSecond, String text) {
        assertThat(Units.bits(perSecond)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0:00:00", "59.9, 0:00:59", "3600, 1:00:00", "90061, 1d 1:01:01"})
    void uptimesAreReadAsClocks(double seconds, String text) {
        assertThat(Units.uptime(seconds)).isEqualTo(text);
    }

    @Test
    void aCurveIsAsHighAsItsHighestValueAndKeepsTheLastForty() {
        Sparkline line = new Sparkline(true);
        for (int i = 0; i < 50; i++) {
            line.add(i < 48 ? 0 : 8.0 * (i - 47));
        }
        assertThat(line).hasToString(" ".repeat(38) + "\u2584\u2588");
    }
}
