package io.culvert.attach;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where control sockets are: {@code /run/culvert}, or {@code $XDG_RUNTIME_DIR/culvert} for who
 * cannot write there, unless the user names a directory.
 *
 * @param candidates directories in the order they are tried; none when no socket is wanted
 */
public record RuntimeDirectory(List<Path> candidates) {
    /** Overrides the places, as the option {@code --control} does, which comes first. */
    public static final String VARIABLE = "CULVERT_RUNTIME_DIR";

    /** What to say instead of a directory for no control socket. */
    public static final String NONE = "none";

    /** Copies the list. */
    public RuntimeDirectory {
        candidates = List.copyOf(candidates);
    }

    /**
     * Chooses the places.
     *
     * @param option what the user said to {@code --control}, or null
     * @param environment the process's
     * @throws java.nio.file.InvalidPathException when a name cannot be a directory's
     */
    public static RuntimeDirectory of(String option, Map<String, String> environment) {
        String named = option != null ? option : environment.getOrDefault(VARIABLE, "");
        if (named.equals(NONE)) {
            return new RuntimeDirectory(List.of());
        }
        if (!named.isEmpty()) {
            return new RuntimeDirectory(List.of(Path.of(named)));
        }
        List<Path> usual = new ArrayList<>();
        usual.add(Path.of("/run/culvert"));
        String ofUser = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (ofUser.startsWith("/")) { // others are to be ignored, says the XDG specification
            usual.add(Path.of(ofUser, "culvert"));
        }
        return new RuntimeDirectory(usual);
    }

    /** Whether the user wants no control socket. */
    public boolean isNone() {
        return candidates.isEmpty();
    }
}
