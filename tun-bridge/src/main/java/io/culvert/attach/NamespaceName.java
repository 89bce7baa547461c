package io.culvert.attach;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network namespace as users know it.
 *
 * @param name the one that {@code ip netns} lists; null where it has none
 * @param inode its number, which {@code ls -L -i /run/netns} shows; 0 where it is not known
 */
public record NamespaceName(String name, long inode) {
    /** Where {@code ip netns} keeps its names: files that are the namespaces themselves. */
    private static final Path NAMES = Path.of("/run/netns");

    private static final Pattern LINK = Pattern.compile("net:\\[([0-9]{1,18})]");
    private static final NamespaceName UNKNOWN = new NamespaceName(null, 0);

    /**
     * Looks a namespace up.
     *
     * @param link what {@code /proc/PID/ns/net} links to, for example {@code net:[4026531840]}
     */
    public static NamespaceName of(String link) {
        return of(link, NAMES);
    }

    static NamespaceName of(String link, Path names) {
        Matcher number = LINK.matcher(link);
        if (!number.matches()) {
            return UNKNOWN;
        }
        long inode = Long.parseLong(number.group(1));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(names)) {
            for (Path file : files) {
                if (isNamespace(file, inode)) {
                    return new NamespaceName(file.getFileName().toString(), inode);
                }
            }
        } catch (IOException | DirectoryIteratorException e) { // then none has a name
            return new NamespaceName(null, inode);
        }
        return new NamespaceName(null, inode);
    }

    /** Numbers are unique within the file system of namespaces only. */
    private static boolean isNamespace(Path file, long inode) {
        try {
            return Files.getAttribute(file, "unix:ino").equals(inode)
                    && Files.getAttribute(file, "unix:dev")
                            .equals(Files.getAttribute(Path.of("/proc/self/ns/net"), "unix:dev"));
        } catch (IOException e) { // it has just been deleted
            return false;
        }
    }

    /** For people: {@code netns hangzhou}, or without a name {@code netns net:[4026532177]}. */
    @Override
    public String toString() {
        if (name != null) {
            return "netns " + name;
        }
        return inode == 0 ? "netns unknown" : "netns net:[" + inode + "]";
    }

    /** For programs. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("inode", inode == 0 ? null : inode);
        return fields;
    }
}
