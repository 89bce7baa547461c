package io.culvert.cli;

import io.culvert.control.TunnelWords;
import io.culvert.spec.TunnelSpec;
import java.util.ArrayList;
import java.util.List;

/** A tunnel in the words of {@code culvert run} that needs no device, and so no name. */
final class FileTunnel {
    private static final String NAME = "file";

    private FileTunnel() {}

    /**
     * The tunnel.
     *
     * @throws io.culvert.control.WordsException with a sentence for the user
     */
    static TunnelSpec parse(List<String> words) {
        List<String> named = new ArrayList<>(words);
        boolean beginsWithWord = List.of("mode", "type", "name").contains(words.get(0));
        if (beginsWithWord && !words.contains("name")) {
            named.add(0, NAME);
        }
        return TunnelWords.parse(named).spec();
    }
}
