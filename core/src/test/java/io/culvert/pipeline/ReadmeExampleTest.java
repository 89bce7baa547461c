package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Ipv4Packet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadmeExampleTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Path SOURCE =
            Path.of("src/test/java/io/culvert/pipeline/ReadmeExample.java");

    @Test
    void theExampleSendsAPacketThroughATunnelAndGetsItBack() throws IOException {
        byte[] inner = Ipv4Packet.ofBytes(60).bytes();
        ByteBuf received = ReadmeExample.run(Unpooled.wrappedBuffer(inner));
        assertThat(ByteBufUtil.getBytes(received)).isEqualTo(inner);
        assertThat(received.release()).isTrue();
    }

    @Test
    void theReadmeShowsTheLinesThatWereCompiledAndTheyAreFewerThanFifteen() throws IOException {
        List<String> source = Files.readAllLines(SOURCE);
        int begin = indexOf(source, "// README begins");
        int end = indexOf(source, "// README ends");
        String example = String.join("\n", source.subList(begin + 1, end)).stripIndent().strip();
        assertThat(example.lines().filter(line -> !line.isBlank())).hasSizeLessThan(15);

        assertThat(Files.readString(README)).contains("```java\n" + example + "\n```");
    }

    private static int indexOf(List<String> lines, String mark) {
        List<String> stripped = lines.stream().map(String::strip).toList();
        assertThat(stripped).containsOnlyOnce(mark);
        return stripped.indexOf(mark);
    }
}
