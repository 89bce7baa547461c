package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What failed, each thing once: it may hold a long command line, and recurs round by round. */
final class Failures {
    private static final Pattern FAILURE = Pattern.compile("round (\\d+): (.*)", Pattern.DOTALL);

    /** Each turn has a directory of its own; what differs in that only is the same. */
    private static final Pattern DIRECTORY_OF_TURN = Pattern.compile("(culvert-bench-\\d+-)\\d+");

    private Failures() {}

    /** Sentences without their full stop, in the order in which they happened first. */
    static List<String> of(Results results) {
        Map<String, Map<String, List<String>>> roundsByWhat = new LinkedHashMap<>();
        Map<String, String> firstText = new LinkedHashMap<>();
        for (Measured contender : results.present()) {
            for (String failure : contender.failures()) {
                Matcher parts = FAILURE.matcher(failure);
                if (!parts.matches()) {
                    throw new IllegalStateException("no failure of a round: " + failure);
                }
                String what = DIRECTORY_OF_TURN.matcher(parts.group(2)).replaceAll("$1");
                firstText.putIfAbsent(what, parts.group(2));
                roundsByWhat
                        .computeIfAbsent(what, key -> new LinkedHashMap<>())
                        .computeIfAbsent(contender.name(), key -> new ArrayList<>())
                        .add(parts.group(1));
            }
        }
        List<String> sentences = new ArrayList<>();
        roundsByWhat.forEach(
                (what, rounds) -> sentences.add(who(rounds) + ": " + firstText.get(what)));
        return sentences;
    }

    private static String who(Map<String, List<String>> roundsByContender) {
        return roundsByContender.entrySet().stream()
                .map(entry -> entry.getKey() + " failed in " + rounds(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String rounds(List<String> rounds) {
        return rounds.size() == 1
                ? "round " + rounds.get(0)
                : rounds.size() + " rounds (" + String.join(", ", rounds) + ")";
    }
}
