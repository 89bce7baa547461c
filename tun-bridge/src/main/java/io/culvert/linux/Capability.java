package io.culvert.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A right that the kernel gives apart from the others, and why an operation that takes it may be
 * refused: the process lacks it, or has it in a user namespace that does not own what it asked for.
 */
public enum Capability {
    NET_ADMIN(12), // linux/capability.h
    NET_RAW(13), // linux/capability.h
    SYS_ADMIN(21); // linux/capability.h

    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final Path UID_MAP = Path.of("/proc/thread-self/uid_map");
    private static final String EVERY_USER_IS_ITSELF = "0 0 4294967295";

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    /** Whether a mask, as {@code CapEff} of {@code /proc/PID/status} shows it, has it. */
    public boolean isIn(long mask) {
        return (mask >>> bit & 1) != 0;
    }

    /** Whether the calling thread has it, be it in a user namespace alone. */
    public boolean isHeld() {
        return isHeld(read(STATUS));
    }

    private boolean isHeld(String status) {
        return field(status, "CapEff:")
                .filter(mask -> isIn(Long.parseUnsignedLong(mask, 16)))
                .isPresent();
    }

    /** What to do when the kernel has answered EPERM to the calling thread. */
    public String hint() {
        return hint(read(STATUS), read(UID_MAP));
    }

    /** The same from what these files of {@code /proc} say; either may be empty. */
    String hint(String status, String uidMap) {
        if (isHeld(status)) {
            return isUserNamespace(uidMap)
                    ? "this process has "
                            + this
                            + " in a user namespace, which does not own this network namespace:"
                            + " run as root of the host, or in a network namespace of your own"
                            + " (unshare --map-root-user --net)"
                    : "this process has "
                            + this
                            + ": something else forbids it, such as a security module";
        }
        boolean isRoot = field(status, "Uid:").filter(uid -> uid.startsWith("0\t")).isPresent();
        return "it takes "
                + this
                + (isRoot ? ", which root lacks here: " : ": run as root, or ")
                + "give a container --cap-add "
                + name();
    }

    /** Whether what {@code /proc/PID/uid_map} says is of another user namespace than the first. */
    public static boolean isUserNamespace(String uidMap) {
        return !uidMap.isBlank()
                && !uidMap.strip().replaceAll("\\s+", " ").equals(EVERY_USER_IS_ITSELF);
    }

    private static Optional<String> field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst();
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            return ""; // without /proc, or without a descriptor left to read it by
        }
    }

    /** Its name in the kernel's headers. */
    @Override
    public String toString() {
        return "CAP_" + name();
    }
}
