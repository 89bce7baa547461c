package io.culvert.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.StringJoiner;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/**
 * Results as JSON: {@code environment}, and {@code results} as JMH itself writes them, for the
 * programs that read those.
 */
final class ResultFile {
    private ResultFile() {}

    /**
     * Writes a question's results, over those of its last run.
     *
     * @return the file
     */
    static Path write(
            Path directory,
            Question question,
            Map<String, String> environment,
            Collection<RunResult> results)
            throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve(question.name() + ".json");
        String json =
                "{\n\"question\": "
                        + quoted(question.asks())
                        + ",\n\"environment\": "
                        + object(environment)
                        + ",\n\"results\": "
                        + asJmhWrites(results).strip()
                        + "\n}\n";
        return Files.writeString(file, json);
    }

    private static String object(Map<String, String> values) {
        StringJoiner members = new StringJoiner(",\n    ", "{\n    ", "\n}");
        values.forEach((key, value) -> members.add(quoted(key) + ": " + quoted(value)));
        return members.toString();
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char character : text.toCharArray()) {
            if (character == '"' || character == '\\') {
                json.append('\\').append(character);
            } else if (character < ' ') {
                json.append(String.format("\\u%04x", (int) character));
            } else {
                json.append(character);
            }
        }
        return json.append('"').toString();
    }

    private static String asJmhWrites(Collection<RunResult> results) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        ResultFormatFactory.getInstance(ResultFormatType.JSON, stream).writeOut(results);
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
