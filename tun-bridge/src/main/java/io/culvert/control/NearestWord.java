package io.culvert.control;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The word that a person probably meant. */
public final class NearestWord {
    private NearestWord() {}

    /**
     * The one known word that the text abbreviates, else the known word with the fewest slips of
     * the finger; empty when none is near.
     */
    public static Optional<String> to(String text, Collection<String> known) {
        if (text.length() >= 2) {
            List<String> longer = known.stream().filter(word -> word.startsWith(text)).toList();
            if (longer.size() == 1) {
                return Optional.of(longer.get(0));
            }
        }
        int most = Math.max(1, text.length() / 3);
        return known.stream()
                .filter(word -> slips(text, word) <= Math.min(most, word.length() - 1))
                .min(
                        Comparator.<String>comparingInt(word -> slips(text, word))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /** Letters to insert, delete, replace or swap with the next: optimal string alignment. */
    private static int slips(String from, String to) {
        int[][] slips = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    slips[i][j] = i + j;
                    continue;
                }
                int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                int least = slips[i - 1][j - 1] + change;
                least = Math.min(least, 1 + Math.min(slips[i - 1][j], slips[i][j - 1]));
                boolean isSwap =
                        i > 1
                                && j > 1
                                && from.charAt(i - 1) == to.charAt(j - 2)
                                && from.charAt(i - 2) == to.charAt(j - 1);
                slips[i][j] = isSwap ? Math.min(least, slips[i - 2][j - 2] + 1) : least;
            }
        }
        return slips[from.length()][to.length()];
    }
}
