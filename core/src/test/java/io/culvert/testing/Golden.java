package io.culvert.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Outputs that were looked at once and are kept as resources. With {@code -Dculvert.golden=write}
 * they are written anew, for a person to look at the difference.
 */
public final class Golden {
    private Golden() {}

    /**
     * Asserts that the output is what stands in the resource.
     *
     * @param resource its path, such as {@code io/culvert/dissect/lines.txt}
     */
    public static void assertSame(String resource, String output) {
        if ("write".equals(System.getProperty("culvert.golden"))) {
            write(Path.of("src/test/resources", resource), output);
        }
        String expected = new String(Captures.bytes(resource), StandardCharsets.UTF_8);
        assertThat(output.lines())
                .as(resource)
                .containsExactlyElementsOf(expected.lines().toList());
    }

    private static void write(Path file, String output) {
        try {
            Files.writeString(file, output);
            Files.writeString(
                    Path.of("target/test-classes")
                            .resolve(Path.of("src/test/resources").relativize(file)),
                    output);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
