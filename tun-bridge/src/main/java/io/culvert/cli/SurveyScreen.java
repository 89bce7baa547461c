package io.culvert.cli;

import io.culvert.capture.LiveCapture;
import io.culvert.survey.SeenTunnel;
import io.culvert.survey.TunnelSurvey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The table of tunnels, refreshed in place on a terminal; nothing elsewhere. */
final class SurveyScreen implements AutoCloseable {
    private static final int USUAL_ROWS = 24;
    private static final int USUAL_COLUMNS = 80;
    private static final String UP = "\u001b[%dA\r\u001b[J";

    private final TunnelSurvey survey;
    private final PrintWriter out;
    private final int rows;
    private final int columns;
    private final Rate.BetweenLooks rates = new Rate.BetweenLooks();
    private int shown;

    private SurveyScreen(TunnelSurvey survey, PrintWriter out, int rows, int columns) {
        this.survey = survey;
        this.out = out;
        this.rows = rows;
        this.columns = columns;
    }

    /** Of no height, and so silent, where nobody looks or other lines are printed. */
    static SurveyScreen of(
            CaptureWishes wishes, TunnelSurvey survey, PrintWriter out, PrintWriter err) {
        boolean isForProgram = wishes.isJsonWanted() || wishes.verbosity() > 0;
        if (isForProgram || !(out == err ? Terminal.isError() : Terminal.isOutput())) {
            return new SurveyScreen(survey, out, 0, 0);
        }
        int[] size = size();
        return new SurveyScreen(survey, out, size[0], size[1]);
    }

    void refresh(LiveCapture.Statistics kernel) {
        if (rows == 0) {
            return;
        }
        rates.look(System.nanoTime());
        List<SeenTunnel> tunnels = survey.tunnels();
        List<String> summary = SurveyText.summary(survey, Optional.of(kernel), Map.of());
        int room = Math.max(1, rows - 3 - summary.size());
        List<String> lines =
                new ArrayList<>(
                        SurveyText.table(
                                tunnels.subList(0, Math.min(room, tunnels.size())), rates));
        if (tunnels.size() > room) {
            lines.add("... and " + (tunnels.size() - room) + " more");
        }
        lines.addAll(summary);
        clear();
        for (String line : lines) {
            out.println(line.length() < columns ? line : line.substring(0, columns - 1));
        }
        shown = lines.size();
        out.flush();
    }

    /** Takes the table away. */
    @Override
    public void close() {
        clear();
        out.flush();
    }

    private void clear() {
        if (shown > 0) {
            out.print(UP.formatted(shown));
            shown = 0;
        }
    }

    /** Rows and columns, as stty tells them of the terminal that we were started from. */
    private static int[] size() {
        try {
            Process stty =
                    new ProcessBuilder("stty", "size")
                            .redirectInput(Path.of("/dev/tty").toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String answer =
                    new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            boolean hasEnded = stty.waitFor(1, TimeUnit.SECONDS);
            if (hasEnded && answer.strip().matches("[1-9][0-9]{0,3} [1-9][0-9]{0,3}")) {
                String[] numbers = answer.strip().split(" ");
                return new int[] {Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])};
            }
        } catch (IOException e) {
            return new int[] {USUAL_ROWS, USUAL_COLUMNS};
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new int[] {USUAL_ROWS, USUAL_COLUMNS};
    }
}
