package io.culvert.cli;

import io.culvert.attach.AttachClient;
import io.culvert.attach.RunningCulvert;
import java.io.PrintWriter;

/** Says that a name was found, but not where who knows ip(8) and wg(8) expects it. */
final class OtherNamespace {
    private OtherNamespace() {}

    /** One line, if the tunnel that was found by its name is none of this network namespace. */
    static void say(PrintWriter err, String tunnel, RunningCulvert culvert) {
        String here = AttachClient.networkNamespace();
        if (!here.isEmpty() && !culvert.networkNamespace().equals(here)) {
            Complaint.print(
                    err,
                    "%s is not in this network namespace: it belongs to %s"
                            .formatted(tunnel, culvert));
        }
    }
}
