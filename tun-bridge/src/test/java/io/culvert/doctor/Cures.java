package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelWords;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The commands in findings, held against what reads them. */
public final class Cures {
    private static final String RUN = "culvert run ";
    private static final List<String> OPTIONS = List.of("--underlay", "--spin");

    private Cures() {}

    /** Asserts that culvert run takes each of its command lines. */
    public static List<Finding> allTaken(List<Finding> findings) {
        findings.forEach(finding -> finding.remedy().lines().forEach(Cures::assertTaken));
        return findings;
    }

    private static void assertTaken(String line) {
        if (line.contains(RUN)) {
            assertThat(tunnel(line)).as(line).isNotNull();
        }
    }

    /** The tunnel that the one command line of culvert run in a remedy makes. */
    static TunnelConfig tunnelOf(Finding finding) {
        List<String> lines = finding.remedy().lines().filter(l -> l.contains(RUN)).toList();
        assertThat(lines).as(finding.remedy()).hasSize(1);
        return tunnel(lines.get(0));
    }

    private static TunnelConfig tunnel(String line) {
        String command = line.substring(line.indexOf(RUN) + RUN.length()).split(" *#", 2)[0];
        List<String> words = new ArrayList<>(Arrays.asList(command.strip().split(" ")));
        while (OPTIONS.contains(words.get(0))) {
            words.subList(0, 2).clear();
        }
        return TunnelWords.parse(words);
    }
}
