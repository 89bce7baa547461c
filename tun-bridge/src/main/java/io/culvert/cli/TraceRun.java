package io.culvert.cli;

import io.culvert.attach.AnswerStream;
import io.culvert.attach.AttachException;
import io.culvert.attach.Attachment;
import io.culvert.attach.RunningCulvert;
import io.culvert.capture.CaptureException;
import io.culvert.control.TraceHeader;
import io.culvert.control.TraceVerb;
import io.culvert.trace.TraceFile;
import io.culvert.trace.TraceFilter;
import io.culvert.trace.TraceLines;
import io.culvert.trace.TraceObjects;
import io.culvert.trace.TraceSession;
import io.culvert.trace.TraceSink;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.util.List;

/** Attaches to a running culvert and shows its packets until something ends that. */
final class TraceRun {
    private static final int FILE_BUFFER_BYTES = 256 * 1024;

    private final TraceWishes wishes;
    private final PrintWriter out;
    private final PrintWriter err;

    /** Finds the process that is meant. */
    interface Finder {
        RunningCulvert find() throws AttachException;
    }

    TraceRun(TraceWishes wishes, PrintWriter out, PrintWriter err) {
        this.wishes = wishes;
        this.out = out;
        this.err = err;
    }

    /** The exit status. */
    int run(Finder finder) {
        try (TraceFilter filter = TraceFilter.compile(wishes.innerFilter(), wishes.outerFilter())) {
            RunningCulvert culvert = finder.find();
            try (Attachment attachment = culvert.attach();
                    AnswerStream stream = attachment.follow(TraceVerb.VERB, wishes.request());
                    OutputStream file = openFile()) {
                return watch(stream, filter, file);
            }
        } catch (CaptureException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.of(e.kind());
        } catch (AttachException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.of(e.kind());
        } catch (IOException e) {
            Complaint.print(err, "cannot write " + wishes.file() + ": " + e.getMessage());
            return ExitStatus.FAILED;
        }
    }

    private int watch(AnswerStream stream, TraceFilter filter, OutputStream file)
            throws IOException {
        TraceHeader header = TraceHeader.of(stream.header());
        List<String> watched = wishes.tunnels().isEmpty() ? header.tunnels() : wishes.tunnels();
        TraceSession session =
                new TraceSession(
                        stream, filter, sink(watched, file), wishes.sampleOneIn(), wishes.most());
        EndingSignals asked = new EndingSignals();
        try (Signals signals = new Signals()) {
            EndingSignals.NUMBERS
                    .keySet()
                    .forEach(name -> signals.on(name, () -> end(session, asked)));
            Complaint.print(err, "watching " + String.join(", ", watched));
            session.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            if (!wishes.isToStandardOutput()) {
                throw e;
            }
            // who read our output has seen enough
        }
        if (!session.ending().isEmpty()) {
            Complaint.print(err, session.ending());
        }
        Complaint.print(err, session.totals().sentence());
        return ExitStatus.OK;
    }

    private static void end(TraceSession session, EndingSignals asked) {
        switch (asked.next(System.nanoTime())) {
            case END -> session.stop();
            case SAID_ALREADY -> {}
            case END_AT_ONCE -> session.abandon();
        }
    }

    private TraceSink sink(List<String> watched, OutputStream file) throws IOException {
        if (file != null) {
            return new TraceFile(file, "culvert " + VersionCommand.version(), watched);
        }
        TraceWishes.Form form = wishes.form();
        if (form.isJson()) {
            return new TraceObjects(out, form.isTree(), form.isHex());
        }
        int nameColumns = watched.stream().mapToInt(String::length).max().orElse(1);
        return new TraceLines(
                out,
                new TraceLines.Style(
                        form.isTree(),
                        form.isHex(),
                        wantsColours(),
                        ZoneId.systemDefault(),
                        nameColumns));
    }

    /** Null when there is no file to be written. */
    private OutputStream openFile() throws IOException {
        if (!wishes.isToFile()) {
            return null;
        }
        OutputStream stream =
                wishes.isToStandardOutput()
                        ? new FileOutputStream(FileDescriptor.out)
                        : new FileOutputStream(wishes.file());
        return new BufferedOutputStream(stream, FILE_BUFFER_BYTES);
    }

    /** On a terminal, unless the user wants none (no-color.org). */
    private static boolean wantsColours() {
        String refusal = System.getenv("NO_COLOR");
        return (refusal == null || refusal.isEmpty()) && Terminal.isOutput();
    }
}
