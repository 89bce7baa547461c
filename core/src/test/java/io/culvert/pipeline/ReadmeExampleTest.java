package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What README shows to programmers works when it is copied. */
class ReadmeExampleTest {
    private static final Path README = Path.of("..", "README.md");

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void theExampleCompilesAloneAndSaysWhatItReceivesAndWhatItDrops(@TempDir Path directory)
            throws Exception {
        Path source = Files.writeString(directory.resolve("Example.java"), onlyBlock("java"));

        assertThat(compile(source, directory)).isEmpty();
        assertThat(mainOf(directory, "Example"))
                .isEqualTo(
                        """
                        received 4500001c00010000400166cc0a0900010a0900020800f7fd00010001
                        1 key-missing: the packet has no key, the tunnel expects one
                        """);
    }

    @Test
    void theCoordinatesAreThoseOfThisModule() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        MatchResult coordinates =
                Pattern.compile(
                                "<dependency>\\s+<groupId>(.*)</groupId>"
                                        + "\\s+<artifactId>(.*)</artifactId>"
                                        + "\\s+<version>(.*)</version>\\s+</dependency>")
                        .matcher(onlyBlock("xml"))
                        .results()
                        .findFirst()
                        .orElseThrow();

        assertThat(pom)
                .contains("<groupId>" + coordinates.group(1) + "</groupId>")
                .contains("</parent>\n  <artifactId>" + coordinates.group(2) + "</artifactId>")
                .contains("<version>" + coordinates.group(3) + "</version>\n  </parent>");
    }

    private static String onlyBlock(String language) throws IOException {
        List<String> blocks =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(README))
                        .results()
                        .map(block -> block.group(1))
                        .toList();
        assertThat(blocks).hasSize(1);
        return blocks.get(0);
    }

    /** What the compiler complains about, warnings included. */
    private static String compile(Path source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of(
                            "--release",
                            "17",
                            "-Xlint:all,-path,-processing",
                            "-proc:none",
                            "-d",
                            classes.toString(),
                            "-cp",
                            System.getProperty("java.class.path"));
            compiler.getTask(
                            complaints,
                            files,
                            null,
                            options,
                            null,
                            files.getJavaFileObjects(source))
                    .call();
        }
        return complaints.toString();
    }

    private static String mainOf(Path classes, String name) throws Exception {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream before = System.out;
        URL[] where = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(where);
                PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            loader.loadClass(name)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
