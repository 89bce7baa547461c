package io.culvert.device;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes that hold queues of a TUN device, as {@code /proc/PID/fdinfo} tells it: a line
 * {@code iff: NAME} for each descriptor. Of other users' processes only root sees them.
 */
public final class QueueHolders {
    private static final Path PROC = Path.of("/proc");

    private QueueHolders() {}

    /**
     * Those of this network namespace, this process left out.
     *
     * @return for example {@code pid 4711 (qemu)}; empty when none can be seen
     */
    public static List<String> others(String deviceName) {
        List<String> holders = new ArrayList<>();
        String own = Long.toString(ProcessHandle.current().pid());
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            Path ownNetwork = network(PROC.resolve("thread-self"));
            for (Path process : processes) {
                String pid = process.getFileName().toString();
                if (!pid.equals(own) && holds(process, ownNetwork, deviceName)) {
                    String program = Files.readString(process.resolve("comm")).strip();
                    holders.add("pid " + pid + " (" + program + ")");
                }
            }
        } catch (IOException e) {
            return holders; // without /proc, or of a process that has just ended
        }
        return holders;
    }

    private static boolean holds(Path process, Path network, String deviceName) {
        try {
            if (!network.equals(network(process))) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(process.resolve("fdinfo"))) {
            for (Path descriptor : descriptors) {
                if (isQueue(descriptor, deviceName)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // another user's, or it has just ended
        }
        return false;
    }

    private static Path network(Path process) throws IOException {
        return Files.readSymbolicLink(process.resolve("ns/net"));
    }

    private static boolean isQueue(Path descriptor, String deviceName) {
        try {
            return Files.readString(descriptor)
                    .lines()
                    .anyMatch(line -> line.equals("iff:\t" + deviceName));
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }
}
