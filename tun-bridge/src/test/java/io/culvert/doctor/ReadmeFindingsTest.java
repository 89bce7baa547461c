package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README's table of findings names those that there are. */
class ReadmeFindingsTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Path SOURCES = Path.of("src/main/java/io/culvert/doctor");

    /** The names in the first column; {@code firewall-inbound} is the first of its family. */
    private static List<String> ids() throws IOException {
        String readme = Files.readString(README);
        String table = readme.substring(readme.indexOf("## What the doctor finds"));
        return table.lines()
                .filter(line -> line.startsWith("| `"))
                .takeWhile(line -> !line.contains("culvert trace"))
                .map(line -> line.split("\\|")[1])
                .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
                .map(name -> name.group(1))
                .map(id -> id.startsWith("-") ? "firewall" + id : id)
                .toList();
    }

    @Test
    void everyFindingInTheTableIsOneThatTheDoctorHas() throws IOException {
        String sources;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            sources =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(ReadmeFindingsTest::text)
                            .collect(Collectors.joining());
        }

        assertThat(ids()).hasSizeGreaterThan(40).doesNotHaveDuplicates();
        assertThat(ids())
                .allSatisfy(
                        id ->
                                assertThat(sources.contains('"' + id.replace("…", "")))
                                        .as(id)
                                        .isTrue());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
