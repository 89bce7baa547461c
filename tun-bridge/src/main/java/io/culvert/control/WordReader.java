package io.culvert.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Tells words from their values, without looking at what the values mean. */
final class WordReader {
    private static final Set<String> PAYLOADS = Set.of("any", "ip6ip", "ip6ip6", "ipip", "ipip6");
    private static final Set<String> OPTIONS_OF_ALL_TUNNELS =
            Set.of("--lanes", "--spin", "--underlay");

    private final List<String> words;
    private final boolean isNamedByWord;
    private final List<WordUse> uses = new ArrayList<>();
    private String bareName;
    private int at;

    private WordReader(List<String> words) {
        this.words = words;
        this.isNamedByWord = words.contains("name");
    }

    /**
     * The words in the order they were given.
     *
     * @throws WordsException when one is unknown, lacks its value or contradicts another
     */
    static List<WordUse> read(List<String> words) {
        WordReader reader = new WordReader(words);
        while (reader.at < words.size()) {
            reader.readOne();
        }
        return reader.uses;
    }

    private void readOne() {
        String spelling = words.get(at++);
        Word word = Word.of(spelling);
        if (word == null) {
            readBareName(spelling);
            return;
        }
        if (word == Word.PEER) {
            throw new WordsException("\"peer\" follows an address: \"address A peer B\"");
        }
        String value = word.takesValue() ? readValue(word, spelling) : null;
        String peer = null;
        if (word == Word.ADDRESS && at < words.size() && words.get(at).equals("peer")) {
            at++;
            peer = readValue(Word.PEER, "peer");
        }
        add(new WordUse(word, spelling, value, peer));
        boolean hasPayload =
                word == Word.MODE && at < words.size() && PAYLOADS.contains(words.get(at));
        if (hasPayload) {
            add(new WordUse(Word.MODE, "mode", words.get(at++), null));
        }
    }

    private String readValue(Word word, String spelling) {
        if (at == words.size()) {
            throw new WordsException(
                    "\"" + spelling + "\" needs " + word.valueHint() + " after it");
        }
        String value = words.get(at++);
        if (!word.takesName() && Word.of(value) != null) {
            throw new WordsException(
                    String.format(
                            "\"%s\" needs %s after it, not the word \"%s\"",
                            spelling, word.valueHint(), value));
        }
        return value;
    }

    /** As with {@code ip tunnel}, a word that is none of ours is the name, if there is none yet. */
    private void readBareName(String text) {
        boolean isFirst = at == 1;
        if (Word.NOT_OFFERED.contains(text) && !isFirst) {
            throw new WordsException("\"" + text + "\" is a word of ip that is not offered here");
        }
        boolean mayBeName = bareName == null && !isNamedByWord && !text.startsWith("-");
        if (mayBeName && (isFirst || NearestWord.to(text, Word.allSpellings()).isEmpty())) {
            bareName = text;
            uses.add(new WordUse(Word.NAME, "name", text, null));
            return;
        }
        throw new WordsException("unknown word \"" + text + "\"" + hint(text));
    }

    private static String hint(String text) {
        int equals = text.indexOf('=');
        if (equals > 0) {
            String spelling = text.substring(0, equals).replaceFirst("^-+", "");
            if (Word.of(spelling) != null) {
                String value = text.substring(equals + 1);
                return ": did you mean \"" + spelling + " " + value + "\"?";
            }
        }
        String option = "--" + text.replaceFirst("^-+", "");
        if (OPTIONS_OF_ALL_TUNNELS.contains(option)) {
            return ": \"" + option + "\" is for all tunnels, and stands before the first word";
        }
        if (AddressWords.isAddress(text)) {
            return ": an address follows a word, such as \"remote\", \"local\" or \"address\"";
        }
        return NearestWord.to(
                        text.replaceFirst("^-+", "").toLowerCase(Locale.ROOT), Word.allSpellings())
                .map(near -> ": did you mean \"" + near + "\"?")
                .orElse(": see culvert run --help");
    }

    private void add(WordUse use) {
        uses.forEach(use::checkAgainst);
        uses.add(use);
    }
}
