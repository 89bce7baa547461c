package io.culvert.control;

import io.culvert.spec.TunnelSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Several tunnels, one per line in the words of {@link TunnelWords}. As with {@code ip -batch},
 * what follows {@code #} is a comment, and a line that ends with a backslash goes on in the next.
 */
public final class TunnelFile {
    private final String fileName;
    private final List<TunnelConfig> configs = new ArrayList<>();
    private final List<Integer> lineNumbers = new ArrayList<>();

    private TunnelFile(String fileName) {
        this.fileName = fileName;
    }

    /**
     * The tunnels of a file, in its order.
     *
     * @param fileName the file's name for messages
     * @throws WordsException that begins with the file's name and the line's number
     * @throws IOException when reading fails
     */
    public static List<TunnelConfig> read(String fileName, BufferedReader lines)
            throws IOException {
        TunnelFile file = new TunnelFile(fileName);
        int number = 0;
        String line = lines.readLine();
        while (line != null) {
            int firstNumber = ++number;
            StringBuilder text = new StringBuilder(withoutComment(line));
            while (text.length() > 0 && text.charAt(text.length() - 1) == '\\') {
                text.setCharAt(text.length() - 1, ' ');
                String next = lines.readLine();
                number++;
                text.append(next == null ? "" : withoutComment(next));
            }
            file.add(firstNumber, text.toString().strip());
            line = lines.readLine();
        }
        if (file.configs.isEmpty()) {
            throw new WordsException(fileName + ": no tunnel in it");
        }
        return List.copyOf(file.configs);
    }

    private void add(int lineNumber, String text) {
        if (text.isEmpty()) {
            return;
        }
        try {
            TunnelConfig config = TunnelWords.parse(Arrays.asList(text.split("\\s+")));
            for (int i = 0; i < configs.size(); i++) {
                checkAgainst(config.spec(), configs.get(i).spec(), lineNumbers.get(i));
            }
            configs.add(config);
            lineNumbers.add(lineNumber);
        } catch (WordsException e) {
            throw new WordsException(fileName + ":" + lineNumber + ": " + e.getMessage(), e);
        }
    }

    private static void checkAgainst(TunnelSpec spec, TunnelSpec earlier, int earlierLine) {
        if (spec.name().equals(earlier.name())) {
            throw new WordsException(
                    "name \"" + spec.name() + "\" is taken by line " + earlierLine);
        }
        if (TunnelConfig.receiveTheSame(spec, earlier)) {
            throw new WordsException(
                    String.format(
                            "%s would receive the same packets as %s of line %d:"
                                    + " same mode, remote, local, key and dev",
                            spec.name(), earlier.name(), earlierLine));
        }
    }

    private static String withoutComment(String line) {
        int comment = line.indexOf('#');
        return (comment < 0 ? line : line.substring(0, comment)).stripTrailing();
    }
}
