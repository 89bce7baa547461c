package io.culvert.attach;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The socket that this process listens on, and its name in the file system.
 *
 * @param listener where clients connect
 * @param path {@code DIRECTORY/PID.sock}
 * @param owner who we are, as the file system and the peers of sockets say it
 */
record SocketFile(ServerSocketChannel listener, Path path, UserPrincipal owner) {
    private static final String SUFFIX = ".sock";
    private static final String UNFINISHED_SUFFIX = ".new";
    private static final int STICKY = 01000; // sys/stat.h S_ISVTX
    private static final String PID = "([0-9]{1,18})";
    private static final Pattern NAME = Pattern.compile(PID + Pattern.quote(SUFFIX));
    private static final Pattern UNFINISHED =
            Pattern.compile(PID + Pattern.quote(UNFINISHED_SUFFIX));

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> DIRECTORY_OF_OWNER =
            PosixFilePermissions.fromString("rwx------");

    /**
     * Makes the directory if it is missing, and in it the socket; removes sockets that nobody
     * listens on.
     *
     * @throws IOException with a sentence when it cannot be made, or not be kept from others
     */
    static SocketFile create(Path directory, long pid) throws IOException {
        makeDirectory(directory);
        removeStale(directory);
        Path path = directory.resolve(pid + SUFFIX);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(
                    path + " exists, and another process answers there");
        }
        // Listens before it has its name, and is closed to others before that: nobody finds it
        // halfway, nor takes it for a stale one.
        Path unfinished = directory.resolve(pid + UNFINISHED_SUFFIX);
        Files.deleteIfExists(unfinished);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(unfinished));
            Files.setPosixFilePermissions(unfinished, OWNER_ONLY);
            UserPrincipal owner = Files.getOwner(unfinished, LinkOption.NOFOLLOW_LINKS);
            checkOurs(directory, owner);
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
            return new SocketFile(listener, path, owner);
        } catch (IOException | RuntimeException e) {
            listener.close();
            Files.deleteIfExists(unfinished);
            throw e;
        }
    }

    /** Removes the name and stops listening. */
    void remove() throws IOException {
        try {
            Files.deleteIfExists(path);
        } finally {
            listener.close();
        }
    }

    private static void makeDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(DIRECTORY_OF_OWNER));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(directory + " is not a directory", e);
            }
        }
    }

    /** Where others can write, they can put a socket of their own in the place of ours. */
    private static void checkOurs(Path directory, UserPrincipal us) throws IOException {
        PosixFileAttributes seen =
                Files.readAttributes(
                        directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!seen.owner().equals(us)) {
            throw new IOException(
                    directory + " belongs to " + seen.owner().getName() + ", not to us");
        }
        if (seen.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || seen.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            String mend =
                    isShared(directory)
                            ? "name a directory inside of it, which is then made"
                            : "chmod 700 " + directory;
            throw new IOException("others may write to " + directory + ": " + mend);
        }
    }

    /** Whether it is meant for everybody, like /tmp, and must stay so: the sticky bit says it. */
    private static boolean isShared(Path directory) throws IOException {
        int mode = (Integer) Files.getAttribute(directory, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & STICKY) != 0;
    }

    /** The sockets in a directory, by the number of the process. */
    static SortedMap<Long, Path> list(Path directory) throws IOException {
        return list(directory, NAME);
    }

    private static SortedMap<Long, Path> list(Path directory, Pattern names) throws IOException {
        SortedMap<Long, Path> sockets = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Matcher name = names.matcher(file.getFileName().toString());
                if (name.matches() && isNeitherFileNorLink(file)) {
                    sockets.put(Long.valueOf(name.group(1)), file);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return sockets;
    }

    private static boolean isNeitherFileNorLink(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther();
        } catch (NoSuchFileException e) { // its process has just ended
            return false;
        }
    }

    private static void removeStale(Path directory) throws IOException {
        for (Path socket : list(directory).values()) {
            if (isStale(socket)) {
                Files.deleteIfExists(socket);
            }
        }
        // Refuses while it is being made, too, so its process must be gone as well.
        for (Map.Entry<Long, Path> unfinished : list(directory, UNFINISHED).entrySet()) {
            boolean isAlive = ProcessHandle.of(unfinished.getKey()).isPresent();
            if (!isAlive && isStale(unfinished.getValue())) {
                Files.deleteIfExists(unfinished.getValue());
            }
        }
    }

    /** Asked of the socket, not of the process table: it may be another container's. */
    private static boolean isStale(Path socket) {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(socket));
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
