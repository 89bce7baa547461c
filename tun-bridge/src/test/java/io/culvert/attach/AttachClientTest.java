package io.culvert.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.attach.AttachException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AttachClientTest {
    private static final long PID = SeeminglyOther.PID;

    @TempDir Path parent;
    private final SeeminglyOther others = new SeeminglyOther();

    @AfterEach
    void closeAll() {
        others.close();
    }

    private Path run(String name, String networkNamespace, String... tunnels) {
        Path directory = parent.resolve(name);
        List<Map<String, ?>> list = new ArrayList<>();
        for (String tunnel : tunnels) {
            list.add(Map.of(AttachClient.NAME, tunnel));
        }
        others.run(directory, networkNamespace, list);
        return directory;
    }

    private AttachClient client(Path... directories) {
        return new AttachClient(new RuntimeDirectory(List.of(directories)));
    }

    private static void assertRefused(AttachClient client, String tunnel, Kind kind, String says) {
        assertThatThrownBy(() -> client.find(tunnel, null))
                .isInstanceOf(AttachException.class)
                .hasMessageContaining(says)
                .extracting(e -> ((AttachException) e).kind())
                .isEqualTo(kind);
    }

    @Test
    void whereNoneRunsThePlacesAreNamed() {
        Path missing = parent.resolve("missing");
        assertRefused(
                client(missing, parent),
                "tun0",
                Kind.NOT_RUNNING,
                "no culvert is running here: no control socket in " + missing + ", " + parent);
    }

    @Test
    void aTunnelThatNobodyHasIsSaidWithThoseThatThereAre() {
        AttachClient client = client(run("a", "net:[1]", "tun0", "tun1"));
        assertRefused(
                client,
                "tun7",
                Kind.NOT_RUNNING,
                "no culvert here has a tunnel tun7, only pid "
                        + PID
                        + " in netns net:[1] (tun0, tun1)");
        assertThatThrownBy(() -> client.find(null, PID + 1))
                .hasMessageStartingWith("no culvert with pid " + (PID + 1) + " is running here");
    }

    @Test
    void ofSeveralTheOneWithTheTunnelIsMeant() throws AttachException {
        AttachClient client =
                client(run("a", "net:[1]", "tun0"), run("b", "net:[2]", "tun1", "tun2"));
        assertThat(client.search().running()).hasSize(2);
        assertThat(client.find("tun2", null).networkNamespace()).isEqualTo("net:[2]");
        assertRefused(client, null, Kind.AMBIGUOUS, "2 culverts are running here: say which");
    }

    @Test
    void ofTwoOfTheSameNameTheOneInOurNetworkNamespaceIsMeant() throws AttachException {
        Path a = run("a", "net:[1]", "tun0");
        Path b = run("b", "net:[2]", "tun0");
        assertRefused(
                client(a, b),
                "tun0",
                Kind.AMBIGUOUS,
                "2 have a tunnel named tun0: say which with --pid PID: pid %1$d in netns net:[1] (tun0), pid %1$d in netns net:[2] (tun0)"
                        .formatted(PID));
        Path here = run("c", AttachClient.networkNamespace(), "tun0");
        assertThat(client(a, b, here).find("tun0", null).socket().getParent()).isEqualTo(here);
    }

    @Test
    void oneThatDoesNotAnswerLeavesTheOthersToBeFound() throws Exception {
        Path good = run("a", "net:[1]", "tun0");
        Path directory = Files.createDirectory(parent.resolve("b"));
        SocketFile stopped = SocketFile.create(directory, 77); // listens, and takes nobody
        try {
            AttachClient.Found found = client(directory, good).search();

            assertThat(found.running()).singleElement().matches(c -> c.tunnels().contains("tun0"));
            assertThat(found.silent())
                    .singleElement()
                    .hasToString(
                            AttachException.class.getName()
                                    + ": "
                                    + directory.resolve("77.sock")
                                    + ": no answer in time");
        } finally {
            stopped.remove();
        }
    }

    @Test
    void namespacesHaveTheNameThatIpGaveThemOrTheirNumber() throws Exception {
        String link = AttachClient.networkNamespace();
        long inode = Long.parseLong(link.replaceAll("[^0-9]", ""));
        Path names = Files.createDirectory(parent.resolve("netns"));
        Files.createFile(names.resolve("left-behind")); // as where a namespace is gone
        Path file = Files.createFile(names.resolve("other"));
        long ofFile = (Long) Files.getAttribute(file, "unix:ino");

        assertThat(NamespaceName.of(link, parent.resolve("none")))
                .isEqualTo(new NamespaceName(null, inode))
                .hasToString("netns net:[" + inode + "]");
        assertThat(NamespaceName.of("net:[" + ofFile + "]", names).name()).isNull();
        Files.createSymbolicLink(names.resolve("ours"), Path.of("/proc/self/ns/net"));
        assertThat(NamespaceName.of(link, names))
                .isEqualTo(new NamespaceName("ours", inode))
                .hasToString("netns ours");
        assertThat(NamespaceName.of("", names)).hasToString("netns unknown");
    }

    @Test
    void whatIsLeftOfADeadProcessIsNoneThatRuns() throws Exception {
        Path directory = Files.createDirectory(parent.resolve("a"));
        SocketFile.create(directory, 77).listener().close();
        assertThat(directory.resolve("77.sock")).exists();
        assertRefused(client(directory), null, Kind.NOT_RUNNING, "no culvert is running here");

        run("a", "net:[1]", "tun0");
        assertThat(directory.resolve("77.sock")).doesNotExist();
        assertThat(client(directory).search().running()).hasSize(1);
    }

    @Test
    void whatWasNeverFinishedIsTakenAwayOnceItsProcessIsGone() throws IOException {
        Path directory = Files.createDirectory(parent.resolve("a"));
        SocketFile of = SocketFile.create(directory, 77);
        Path dead = Files.move(of.path(), directory.resolve("4194305.new"));
        of.listener().close();
        SocketFile other = SocketFile.create(directory, 78);
        Path alive = Files.move(other.path(), directory.resolve("1.new"));
        other.listener().close();

        SocketFile.create(directory, 79).remove();

        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
    }

    @Test
    void onlySocketsNamedAsOursAreTakenAway() throws IOException {
        Path directory = Files.createDirectory(parent.resolve("a"));
        Files.writeString(directory.resolve("88.sock"), "a file");
        SocketFile other = SocketFile.create(directory, 99);
        Files.move(other.path(), directory.resolve("theirs.sock"));
        other.listener().close();

        run("a", "net:[1]", "tun0");

        assertThat(directory.resolve("88.sock")).hasContent("a file");
        assertThat(directory.resolve("theirs.sock")).exists();
    }

    @Test
    void aDirectoryThatOthersWriteToIsNotUsed() throws IOException {
        Path directory = Files.createDirectory(parent.resolve("a"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> SocketFile.create(directory, 1))
                .hasMessage("others may write to " + directory + ": chmod 700 " + directory);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void nobodyIsToldToTakeAwayADirectoryThatAllShare() throws IOException {
        Path directory = Files.createDirectory(parent.resolve("a"));
        Files.setAttribute(directory, "unix:mode", 01777);
        assertThatThrownBy(() -> SocketFile.create(directory, 1))
                .hasMessage(
                        "others may write to "
                                + directory
                                + ": name a directory inside of it, which is then made");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void theSocketOfALivingProcessIsNotReplaced() throws IOException {
        SocketFile first = SocketFile.create(parent, 5);
        assertThatThrownBy(() -> SocketFile.create(parent, 5))
                .hasMessageContaining("another process answers there");
        assertThat(first.path()).exists();
        first.remove();
        assertThat(first.path()).doesNotExist();
    }

    @Test
    void placesAreTheOptionsThenTheVariablesThenTheUsualOnes() {
        Map<String, String> usual = Map.of("XDG_RUNTIME_DIR", "/run/user/7");
        assertThat(RuntimeDirectory.of(null, usual).candidates())
                .containsExactly(Path.of("/run/culvert"), Path.of("/run/user/7/culvert"));
        assertThat(RuntimeDirectory.of(null, Map.of("XDG_RUNTIME_DIR", "relative")).candidates())
                .containsExactly(Path.of("/run/culvert"));
        Map<String, String> named = Map.of("CULVERT_RUNTIME_DIR", "/a", "XDG_RUNTIME_DIR", "/b");
        assertThat(RuntimeDirectory.of(null, named).candidates()).containsExactly(Path.of("/a"));
        assertThat(RuntimeDirectory.of("/c", named).candidates()).containsExactly(Path.of("/c"));
        assertThat(RuntimeDirectory.of("none", named).isNone()).isTrue();
        assertThat(RuntimeDirectory.of(null, Map.of("CULVERT_RUNTIME_DIR", "none")).isNone())
                .isTrue();
    }
}
