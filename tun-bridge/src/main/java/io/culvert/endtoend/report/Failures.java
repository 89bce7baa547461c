package io.culvert.endtoend.report;

import io.culvert.endtoend.Failure;
import io.culvert.endtoend.Measured;
import io.culvert.endtoend.host.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What failed, each thing once: it may hold a long command line, and recurs round by round. */
final class Failures {
    /** Each turn has a directory of its own; what differs in that only is the same. */
    private static final Pattern DIRECTORY_OF_TURN =
            Pattern.compile("(" + Topology.PREFIX + "\\d+-)\\d+");

    private Failures() {}

    /** Sentences without their full stop, in the order in which they happened first. */
    static List<String> of(Results results) {
        Map<String, Map<String, List<Integer>>> roundsByWhat = new LinkedHashMap<>();
        Map<String, String> firstText = new LinkedHashMap<>();
        for (Measured contender : results.present()) {
            for (Failure failure : contender.failures()) {
                String what = DIRECTORY_OF_TURN.matcher(failure.what()).replaceAll("$1");
                firstText.putIfAbsent(what, failure.what());
                roundsByWhat
                        .computeIfAbsent(what, key -> new LinkedHashMap<>())
                        .computeIfAbsent(contender.name(), key -> new ArrayList<>())
                        .add(failure.round());
            }
        }
        List<String> sentences = new ArrayList<>();
        roundsByWhat.forEach(
                (what, rounds) -> sentences.add(who(rounds) + ": " + firstText.get(what)));
        return sentences;
    }

    private static String who(Map<String, List<Integer>> roundsByContender) {
        return roundsByContender.entrySet().stream()
                .map(entry -> entry.getKey() + " failed in " + rounds(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String rounds(List<Integer> rounds) {
        return rounds.size() == 1
                ? "round " + rounds.get(0)
                : rounds.stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(", ", rounds.size() + " rounds (", ")"));
    }
}
