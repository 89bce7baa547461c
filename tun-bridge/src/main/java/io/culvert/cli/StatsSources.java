package io.culvert.cli;

import io.culvert.attach.AttachException;
import io.culvert.attach.Attachment;
import io.culvert.attach.NamespaceName;
import io.culvert.attach.RunningCulvert;
import io.culvert.stats.Sample;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The processes that counts are asked of. One that ends or refuses leaves the others alone. */
final class StatsSources implements AutoCloseable {
    private final String tunnel;
    private final PrintWriter err;
    private final List<Source> sources = new ArrayList<>();
    private boolean isAnyLost;

    /** A process, connected to. */
    private record Source(
            RunningCulvert culvert, Map<String, Object> namespace, Attachment attachment) {}

    /**
     * Connects to processes.
     *
     * @param tunnel the tunnel that is wanted of each, or null for all
     * @param err for a line on each process that is lost while others go on
     * @throws AttachException when none of them can be reached
     */
    StatsSources(List<RunningCulvert> culverts, String tunnel, PrintWriter err)
            throws AttachException {
        this.tunnel = tunnel;
        this.err = err;
        List<AttachException> lost = new ArrayList<>();
        for (RunningCulvert culvert : culverts) {
            try {
                Map<String, Object> namespace =
                        NamespaceName.of(culvert.networkNamespace()).fields();
                sources.add(new Source(culvert, namespace, culvert.attach()));
            } catch (AttachException e) {
                lost.add(e);
            }
        }
        say(lost);
    }

    /**
     * What each process answers now, in their order.
     *
     * @throws AttachException when the last of them is lost
     */
    Map<RunningCulvert, Sample> samples() throws AttachException {
        Map<RunningCulvert, Sample> samples = new LinkedHashMap<>();
        List<AttachException> lost = new ArrayList<>();
        for (Iterator<Source> rest = sources.iterator(); rest.hasNext(); ) {
            Source source = rest.next();
            try {
                Map<String, ?> wanted = tunnel == null ? Map.of() : Map.of("tunnel", tunnel);
                samples.put(
                        source.culvert(),
                        Sample.of(
                                source.namespace(), source.attachment().ask(Sample.VERB, wanted)));
            } catch (AttachException e) {
                source.attachment().close();
                rest.remove();
                lost.add(e);
            }
        }
        say(lost);
        return samples;
    }

    /** Whether a process was lost. */
    boolean isAnyLost() {
        return isAnyLost;
    }

    @Override
    public void close() {
        sources.forEach(source -> source.attachment().close());
    }

    private void say(List<AttachException> lost) throws AttachException {
        if (sources.isEmpty() && !lost.isEmpty()) {
            throw lost.get(0);
        }
        for (AttachException e : lost) {
            Complaint.print(err, e.getMessage());
            isAnyLost = true;
        }
    }
}
