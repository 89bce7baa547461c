package io.culvert.cli;

import io.culvert.capture.CaptureFile;
import io.culvert.control.WordsException;
import io.culvert.convert.Replay;
import io.culvert.convert.Replay.Fate;
import io.culvert.convert.Replay.Outcome;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.OneLine;
import io.culvert.json.Json;
import io.culvert.observe.CapturedPacket;
import io.culvert.packet.DropReason;
import io.culvert.spec.TunnelSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert replay}: what a tunnel would make of the packets in a capture. */
@Command(name = "replay")
final class ReplayCommand implements Callable<Integer> {
    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = "--json")
    private boolean isJsonWanted;

    @Option(names = {"-q", "--quiet"})
    private boolean isQuiet;

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    private final Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    private final Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    private long frames;
    private long deliveredBytes;

    @Override
    public Integer call() {
        boolean isPageWanted = isHelpWanted || words.equals(List.of("help"));
        return ConversionRun.call(command.commandLine(), isPageWanted, this::receive);
    }

    private int receive() throws IOException {
        if (words.size() < 2) {
            throw new WordsException(
                    "replay needs a file and a tunnel: culvert replay FILE mode gre remote ADDR"
                            + " (see culvert replay --help)");
        }
        TunnelSpec spec = FileTunnel.parse(words.subList(1, words.size()));
        Replay replay = new Replay(spec, new Dissector());
        try (CaptureFile input = CaptureFile.open(words.get(0))) {
            String damage =
                    ConversionRun.run(
                            input,
                            (packet, linkType) -> take(packet, replay.take(packet, linkType)));
            report(replay);
            return ConversionRun.end(command.commandLine(), damage);
        }
    }

    private void take(CapturedPacket packet, Outcome outcome) {
        frames++;
        fates.merge(outcome.fate(), 1L, Long::sum);
        deliveredBytes += outcome.innerBytes();
        if (outcome.reason() != null) {
            drops.merge(outcome.reason(), 1L, Long::sum);
        }
        if (!isQuiet) {
            PrintWriter out = command.commandLine().getOut();
            out.print((isJsonWanted ? json(packet, outcome) : line(packet, outcome)) + "\n");
        }
    }

    private static String line(CapturedPacket packet, Outcome outcome) {
        String verdict =
                outcome.reason() == null
                        ? outcome.fate().description()
                        : "dropped " + outcome.reason().label();
        String what = outcome.layers() == null ? "" : ": " + OneLine.of(outcome.layers());
        return EpochTime.ofDay(packet.epochNanos()) + " " + verdict + what;
    }

    private String json(CapturedPacket packet, Outcome outcome) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("number", frames);
        object.put("time", EpochTime.full(packet.epochNanos()));
        object.put("fate", label(outcome.fate()));
        if (outcome.reason() != null) {
            object.put("reason", outcome.reason().label());
        }
        if (outcome.fate() == Fate.DELIVERED) {
            object.put("inner-bytes", outcome.innerBytes());
        }
        if (outcome.layers() != null) {
            object.put("packet", OneLine.of(outcome.layers()));
        }
        return Json.line(object);
    }

    private static String label(Fate fate) {
        return fate.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private void report(Replay replay) {
        PrintWriter out = command.commandLine().getOut();
        if (isJsonWanted) {
            out.print(Json.line(summary(replay)) + "\n");
            out.flush();
            return;
        }
        Report report = new Report(out).always(frames, "packet", " read");
        report.always(
                fates.getOrDefault(Fate.DELIVERED, 0L),
                "delivered, " + deliveredBytes + (deliveredBytes == 1 ? " byte" : " bytes"));
        drops.forEach(
                (reason, count) ->
                        report.line(
                                count, "dropped " + reason.label() + ": " + reason.description()));
        fates.forEach(
                (fate, count) -> {
                    if (fate != Fate.DELIVERED && fate != Fate.DROPPED) {
                        report.line(count, fate.description());
                    }
                });
        report.line(replay.incomplete(), "of which fragments are missing").end();
    }

    private Map<String, Object> summary(Replay replay) {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("packets", frames);
        for (Fate fate : Fate.values()) {
            summary.put(label(fate), fates.getOrDefault(fate, 0L));
        }
        summary.put("delivered-bytes", deliveredBytes);
        summary.put("incomplete", replay.incomplete());
        Map<String, Object> reasons = new LinkedHashMap<>();
        drops.forEach((reason, count) -> reasons.put(reason.label(), count));
        summary.put("drops", reasons);
        return Map.of("summary", summary);
    }
}
