package io.culvert.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A real Linux kernel with its own tunnel modules, running as an ordinary process: Debian's
 * User-Mode Linux, whose {@code eth0} is a TAP device in a {@link NetworkNamespace}.
 *
 * <p>The guest sees the host's file system, so every program of the host runs in it. It may write
 * to one directory, {@link #scratch()}. Commands go one at a time over the guest's serial line,
 * which is the process's standard input and output; when that closes, be it that this JVM is
 * killed, the guest powers off.
 */
public final class UserModeLinux implements AutoCloseable {
    private static final Duration BOOT = Duration.ofSeconds(60);
    private static final int SCRIPT_SECONDS = 20;

    // With the fallback of without-xstate.pl the upper halves of vector registers do not survive a
    // page
    // fault in the guest, so its programs must not use them. (Seen: Perl could not compile a
    // module.)
    private static final String NO_AVX =
            "GLIBC_TUNABLES=glibc.cpu.hwcaps="
                    + "-AVX,-AVX2,-AVX_Fast_Unaligned_Load,-AVX512F,-AVX512VL,-AVX512BW";

    private final BackgroundProcess kernel;
    private final Path scratch;
    private int commands;

    private UserModeLinux(BackgroundProcess kernel, Path scratch) {
        this.kernel = kernel;
        this.scratch = scratch;
    }

    /**
     * Boots a guest in {@code host} and waits until it takes commands, which is a matter of two
     * seconds.
     *
     * @param tap the name of the device to make in {@code host}; it is up, without an address, and
     *     goes away with the namespace
     */
    public static UserModeLinux boot(NetworkNamespace host, String tap) {
        host.run("ip tuntap add %s mode tap".formatted(tap));
        host.run("ip link set %s up".formatted(tap));
        Path scratch = scratchDirectory();
        List<String> command = new ArrayList<>();
        if (hasAmx()) {
            command.addAll(List.of("perl", scratch.resolve("without-xstate.pl").toString()));
        }
        command.addAll(
                List.of(
                        "linux.uml",
                        "mem=64M",
                        "root=/dev/root",
                        "rootfstype=hostfs",
                        "rootflags=/",
                        "ro",
                        "init=" + scratch.resolve("guest-init.pl"),
                        "scratch=" + scratch,
                        "eth0=tuntap," + tap,
                        "con=null",
                        "con0=null,fd:2",
                        "ssl=null",
                        "ssl0=fd:0,fd:1",
                        "uml_dir=" + scratch + "/",
                        "umid=guest"));
        if (hasAmx()) {
            command.add(NO_AVX);
        }
        BackgroundProcess kernel = host.start(command.toArray(String[]::new));
        UserModeLinux guest = new UserModeLinux(kernel, scratch);
        try {
            kernel.awaitLine(kernel.stdout(), 0, line -> line.startsWith("ready "), BOOT);
            return guest;
        } catch (RuntimeException e) {
            guest.close();
            throw e;
        }
    }

    /** Runs a shell script in the guest, and throws with all that it wrote when it fails. */
    public Outcome exec(String script) {
        return attempt(script).orThrow();
    }

    /** Runs a shell script that may fail in the guest; it is killed after 20 seconds. */
    public Outcome attempt(String script) {
        String number = Integer.toString(++commands);
        int from = kernel.stdout().size();
        byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
        kernel.writeLine(
                "%s %d %s".formatted(number, SCRIPT_SECONDS, HexFormat.of().formatHex(bytes)));
        String answer =
                kernel.awaitLine(
                        kernel.stdout(),
                        from,
                        line -> line.startsWith(number + " "),
                        Duration.ofSeconds(SCRIPT_SECONDS + 10));
        String[] fields = answer.split(" ");
        return new Outcome(
                "(guest) " + script,
                Integer.parseInt(fields[1]),
                decode(fields[2]),
                decode(fields[3]));
    }

    /** A directory of the host that the guest sees as {@code /mnt} and may write to. */
    public Path scratch() {
        return scratch;
    }

    @Override
    public void close() {
        // No orderly shutdown: there is nothing in the guest to save.
        kernel.close();
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + scratch, e);
        }
    }

    /** Undoes the guest's coding: a letter, so that no field is empty, and hexadecimal digits. */
    private static String decode(String field) {
        byte[] bytes = HexFormat.of().parseHex(field.substring(1));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Says whether this processor's state is longer than User-Mode Linux 6.1 has room for. */
    private static boolean hasAmx() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo")).contains(" amx_tile");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc/cpuinfo", e);
        }
    }

    private static Path scratchDirectory() {
        try {
            Path directory = Files.createTempDirectory("cv-uml-");
            for (String script : List.of("guest-init.pl", "without-xstate.pl")) {
                Path file = directory.resolve(script);
                try (InputStream resource = UserModeLinux.class.getResourceAsStream(script)) {
                    Files.copy(Objects.requireNonNull(resource, script), file);
                }
                if (!file.toFile().setExecutable(true)) {
                    throw new IOException("cannot make " + file + " executable");
                }
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lay out the guest's files", e);
        }
    }
}
