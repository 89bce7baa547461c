package io.culvert.control;

/**
 * One word as it was given.
 *
 * @param word which word
 * @param spelling how it was spelled, for messages
 * @param value what followed it; null when the word takes nothing
 * @param peer the peer that followed an address; null when none did
 */
record WordUse(Word word, String spelling, String value, String peer) {

    /** The use of a word that sets nothing twice is checked against those before it. */
    void checkAgainst(WordUse earlier) {
        if (!word.overlaps(earlier.word) || earlier.word.isBroaderThan(word)) {
            return; // as with ip, a narrower word after a broader one refines it: key 1 okey 2
        }
        if (spelling.equals(earlier.spelling)) {
            throw new WordsException("\"" + spelling + "\" is given twice");
        }
        if (word == earlier.word) {
            throw new WordsException(
                    "\""
                            + spelling
                            + "\" and \""
                            + earlier.spelling
                            + "\" mean the same: give one");
        }
        if (word.isBroaderThan(earlier.word)) {
            throw new WordsException(
                    String.format(
                            "\"%s\" after \"%s\" would overwrite it: put \"%1$s\" first",
                            spelling, earlier.spelling));
        }
        throw new WordsException(
                "\"" + earlier.spelling + "\" and \"" + spelling + "\" contradict each other");
    }
}
