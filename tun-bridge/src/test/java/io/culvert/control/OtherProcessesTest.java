package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.attach.AttachClient;
import io.culvert.attach.RuntimeDirectory;
import io.culvert.attach.SeeminglyOther;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class OtherProcessesTest {
    private static final long PID = SeeminglyOther.PID;
    private static final String THEIRS =
            "theirs mode gre remote 192.0.2.2 local 192.0.2.1 ikey 7 okey 8 mtu 1400";

    @TempDir Path parent;
    private final SeeminglyOther others = new SeeminglyOther();
    private final List<Path> directories = new ArrayList<>();
    private final CountDownLatch isOver = new CountDownLatch(1);

    @AfterEach
    void closeAll() {
        isOver.countDown();
        others.close();
    }

    private Path directory() {
        directories.add(parent.resolve("" + directories.size()));
        return directories.get(directories.size() - 1);
    }

    private void run(String networkNamespace, List<String> words) {
        Map<String, ?> tunnel = Map.of(AttachClient.NAME, "theirs", AttachClient.WORDS, words);
        others.run(directory(), networkNamespace, List.of(tunnel));
    }

    private void runHere(String words) {
        run(AttachClient.networkNamespace(), List.of(words.split(" ")));
    }

    private void look(String words) throws TunnelException {
        look(words, Duration.ofSeconds(30));
    }

    private void look(String words, Duration patience) throws TunnelException {
        look(List.of(config(words)), patience);
    }

    private List<TunnelConfig> look(List<TunnelConfig> configs, Duration patience)
            throws TunnelException {
        return OtherProcesses.withoutTheirs(new RuntimeDirectory(directories), configs, patience);
    }

    private static TunnelConfig config(String words) {
        return TunnelWords.parse(List.of(words.split(" ")));
    }

    @Test
    void aTunnelThatAnotherProcessHasIsRefusedWithItsPid() {
        runHere(THEIRS);
        assertThatThrownBy(
                        () -> look("ours mode gre remote 192.0.2.2 local 192.0.2.1 ikey 7 ttl 9"))
                .isInstanceOf(TunnelException.class)
                .hasMessage(
                        "ours would receive the same packets as theirs of pid "
                                + PID
                                + ": same mode, remote, local, key and dev; end that process, or"
                                + " tell the tunnels apart, by key for example");
    }

    @Test
    void theOthersOfAFileAreLeft() throws TunnelException {
        runHere(THEIRS);
        TunnelConfig same = config("ours mode gre remote 192.0.2.2 local 192.0.2.1 key 7");
        TunnelConfig other = config("more mode gre remote 192.0.2.2 local 192.0.2.1 key 8");
        assertThat(look(List.of(same, other), Duration.ofSeconds(30))).containsExactly(other);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ours mode gre remote 192.0.2.2 local 192.0.2.1",
                "ours mode gre remote 192.0.2.2 local 192.0.2.1 ikey 8",
                "ours mode gre remote 192.0.2.2 local 192.0.2.3 ikey 7",
                "ours mode gre remote 192.0.2.3 local 192.0.2.1 ikey 7",
                "ours mode gre remote 192.0.2.2 local 192.0.2.1 ikey 7 dev eth0",
                "ours mode ipip remote 192.0.2.2 local 192.0.2.1",
            })
    void aTunnelThatDiffersInOneOfThemIsNot(String words) {
        runHere(THEIRS);
        assertThatCode(() -> look(words)).doesNotThrowAnyException();
    }

    @Test
    void aProcessOfAnotherNetworkNamespaceMayHaveTheSameTunnel() {
        run("net:[1]", List.of(THEIRS.split(" ")));
        assertThatCode(() -> look(THEIRS)).doesNotThrowAnyException();
    }

    @Test
    void wordsOfAnotherVersionAreNoConflict() {
        runHere(THEIRS + " wormhole 9");
        run(AttachClient.networkNamespace(), List.of());
        assertThatCode(() -> look(THEIRS)).doesNotThrowAnyException();
    }

    @Test
    void whereNobodyRunsNothingIsRefused() {
        directories.add(parent.resolve("missing"));
        assertThatCode(() -> look(THEIRS)).doesNotThrowAnyException();
        assertThat(directories.get(0)).doesNotExist();
    }

    @Test
    void aProcessThatHangsHoldsUpNothingAndHidesNobody() {
        others.run(directory(), (request, response) -> await());
        assertThatCode(() -> look(THEIRS, Duration.ofMillis(100))).doesNotThrowAnyException();
        assertThat(isOver.getCount()).as("it hangs still").isOne();

        runHere(THEIRS);
        assertThatThrownBy(() -> look(THEIRS, Duration.ofSeconds(2)))
                .isInstanceOf(TunnelException.class);
    }

    private void await() {
        try {
            isOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
