package io.culvert.attach;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import jdk.net.ExtendedSocketOptions;

/**
 * Whom a control socket lets in: its owner and root, as the kernel names the process at the other
 * end (SO_PEERCRED, unix(7)).
 *
 * <p>The modes of socket and directory keep others out already. This holds where somebody has
 * changed them, or has handed an open connection on.
 */
final class Peers {
    private final UserPrincipal owner;
    private final UserPrincipal root;

    Peers(UserPrincipal owner) throws IOException {
        this.owner = owner;
        this.root = root();
    }

    /** Why the process at the other end is not let in, in a sentence; null when it is. */
    String objection(SocketChannel connection) throws IOException {
        UserPrincipal user = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        if (user.equals(owner) || user.equals(root)) {
            return null;
        }
        return "this control socket is for %s and root, not for %s"
                .formatted(owner.getName(), user.getName());
    }

    private static UserPrincipal root() throws IOException {
        UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
        try {
            return users.lookupPrincipalByName("root");
        } catch (UserPrincipalNotFoundException e) { // a container without /etc/passwd
            return users.lookupPrincipalByName("0");
        }
    }
}
