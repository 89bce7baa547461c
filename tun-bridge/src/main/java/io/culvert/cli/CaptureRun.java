package io.culvert.cli;

import io.culvert.capture.CaptureException;
import io.culvert.capture.CaptureFile;
import io.culvert.capture.CaptureOutput;
import io.culvert.capture.LiveCapture;
import io.culvert.capture.PacketFilter;
import io.culvert.control.WordsException;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.LinkType;
import io.culvert.dissect.OneLine;
import io.culvert.dissect.Tree;
import io.culvert.json.Json;
import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.survey.TunnelSurvey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at packets until there are no more or a signal comes, and shows their tunnels. */
final class CaptureRun {
    /** Of a whole super-packet that segmentation offload left, and its link layer. */
    private static final int SNAP_LENGTH_BYTES = 65_535 + 64;

    private static final int WAIT_MILLIS = 200;
    private static final long REFRESH_NANOS = 1_000_000_000;

    /** TCP carries no tunnel of ours, and is most of what passes on most links. */
    private static final String USUAL_FILTER = "not tcp";

    private final CaptureWishes wishes;
    private final PrintWriter out;
    private final PrintWriter err;
    private final TunnelSurvey survey;
    private final Map<Integer, PacketFilter> filters = new HashMap<>();
    private final Map<Integer, Long> unreadable = new HashMap<>();
    private CaptureOutput output;

    /** What was seen until then is still worth showing, so a full disk ends the run in order. */
    private CaptureOutput.WriteFailure writeFailure;

    private int described;

    CaptureRun(CaptureWishes wishes, PrintWriter out, PrintWriter err) {
        this.wishes = wishes;
        // who writes packets to the standard output gets the table on the other one
        this.out = CaptureFile.STANDARD_INPUT.equals(wishes.output()) ? err : out;
        this.err = err;
        this.survey = new TunnelSurvey(wishes.mostTunnels());
    }

    /** The exit status. */
    int run() {
        try (Stop stop = new Stop()) {
            return wishes.isLive() ? listen(stop) : read(stop);
        } catch (WordsException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        } catch (CaptureException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.of(e.kind());
        } catch (CaptureOutput.WriteFailure e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.FAILED;
        } catch (IOException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.NO_INPUT;
        } finally {
            filters.values().forEach(PacketFilter::close);
        }
    }

    private int listen(Stop stop) throws CaptureException, IOException {
        String filter = wishes.filter().isEmpty() ? USUAL_FILTER : wishes.filter();
        try (LiveCapture live =
                        LiveCapture.open(
                                wishes.interfaceName(), filter, SNAP_LENGTH_BYTES, WAIT_MILLIS);
                CaptureOutput writer = CaptureOutput.open(wishes.output())) {
            output = writer;
            requireReadable(live.linkType());
            output.addInterface(CaptureInterface.of(wishes.interfaceName(), live.linkType()));
            Complaint.print(
                    err, "listening on " + wishes.interfaceName() + " until Ctrl-C (SIGINT)");
            SurveyScreen screen = SurveyScreen.of(wishes, survey, out, err);
            long begin = System.nanoTime();
            long refreshed = begin;
            while (!stop.isAsked() && !isEnough(begin)) {
                CapturedPacket packet = live.next();
                if (packet != null) {
                    take(packet, live.linkType());
                }
                long now = System.nanoTime();
                if (now - refreshed >= REFRESH_NANOS) {
                    refreshed = now;
                    screen.refresh(live.statistics());
                }
            }
            screen.close();
            show(Optional.of(live.statistics()));
            return ExitStatus.OK;
        }
    }

    private void requireReadable(int linkType) throws CaptureException {
        if (LinkType.of(linkType).isEmpty()) {
            throw new CaptureException(
                    CaptureException.Kind.FAILED,
                    "cannot read the packets of %s: their link type %d is none that carries IP here"
                            .formatted(wishes.interfaceName(), linkType));
        }
    }

    private int read(Stop stop) throws CaptureException, IOException {
        String written = wishes.output() == null ? CaptureFile.STANDARD_INPUT : wishes.output();
        try (CaptureFile file = ConversionRun.open(wishes.input(), written);
                CaptureOutput writer = CaptureOutput.open(wishes.output())) {
            output = writer;
            long begin = System.nanoTime();
            CapturedPacket packet = file.next();
            while (packet != null && !stop.isAsked() && !isEnough(begin)) {
                describe(file.interfaces());
                int linkType = file.linkType(packet);
                if (passes(packet, linkType)) {
                    take(packet, linkType);
                }
                packet = file.next();
            }
            show(Optional.empty());
            if (packet == null && file.damage().isPresent()) {
                Complaint.print(err, file.damage().get());
                return ExitStatus.FAILED;
            }
            return ExitStatus.OK;
        }
    }

    private boolean isEnough(long beginNanos) {
        return writeFailure != null
                || survey.tunnelled() >= wishes.count()
                || System.nanoTime() - beginNanos >= wishes.seconds() * 1e9;
    }

    private boolean passes(CapturedPacket packet, int linkType) throws CaptureException {
        if (wishes.filter().isEmpty() || LinkType.of(linkType).isEmpty()) {
            return true;
        }
        PacketFilter filter = filters.get(linkType);
        if (filter == null) {
            filter = PacketFilter.compile(wishes.filter(), linkType);
            filters.put(linkType, filter);
        }
        return filter.matches(
                packet.bytes(),
                packet.bytes().position(),
                packet.capturedBytes(),
                packet.originalBytes());
    }

    private void take(CapturedPacket packet, int linkType) {
        Optional<LinkType> type = LinkType.of(linkType);
        if (type.isEmpty()) {
            unreadable.merge(linkType, 1L, Long::sum);
            return;
        }
        Dissection dissection =
                wishes.dissector()
                        .dissect(
                                type.get(),
                                packet.bytes(),
                                packet.bytes().position(),
                                packet.capturedBytes(),
                                packet.originalBytes());
        long tunnelledBefore = survey.tunnelled();
        survey.add(dissection, packet.epochNanos());
        if (survey.tunnelled() > tunnelledBefore) {
            write(packet);
            if (wishes.verbosity() > 0) {
                print(packet, dissection);
            }
        }
    }

    private void describe(List<CaptureInterface> interfaces) {
        try {
            while (described < interfaces.size()) {
                output.addInterface(interfaces.get(described++));
            }
        } catch (CaptureOutput.WriteFailure e) {
            writeFailure = e;
        }
    }

    private void write(CapturedPacket packet) {
        if (writeFailure != null) {
            return; // that of the packet's interface
        }
        try {
            output.write(packet);
        } catch (CaptureOutput.WriteFailure e) {
            writeFailure = e;
        }
    }

    private void print(CapturedPacket packet, Dissection dissection) {
        out.print(EpochTime.ofDay(packet.epochNanos()) + " " + OneLine.of(dissection) + "\n");
        if (wishes.verbosity() > 1) {
            out.print(Tree.of(dissection, wishes.verbosity() > 2));
        }
        if (wishes.isLive()) {
            out.flush();
        }
    }

    private void show(Optional<LiveCapture.Statistics> kernel) throws CaptureOutput.WriteFailure {
        if (wishes.isJsonWanted()) {
            out.print(Json.write(SurveyOutline.of(survey, kernel, unreadable)));
        } else {
            out.print(SurveyText.of(survey, kernel, unreadable));
        }
        out.flush();
        output.replacement().ifPresent(told -> Complaint.print(err, told));
        output.loss().ifPresent(told -> Complaint.print(err, told));
        if (writeFailure != null) {
            throw writeFailure;
        }
        output.writeStatistics(kernel);
    }
}
