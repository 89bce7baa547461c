package io.culvert.bench;

import java.io.PrintStream;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** A line per benchmark on its way, in place of JMH's pages; what went wrong comes through. */
final class Progress implements OutputFormat {
    private static final Pattern DONE =
            Pattern.compile("# Run progress: (\\S+)% complete, ETA (\\S+)");

    private final PrintStream out;
    private String percent = "0.00";
    private String remaining = "";
    private String shown = "";

    Progress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void println(String line) {
        Matcher done = DONE.matcher(line);
        if (done.find()) {
            percent = done.group(1);
            remaining = done.group(2);
            announce();
        } else if (!line.isBlank() && !line.startsWith("#")) {
            out.println(line);
        }
    }

    @Override
    public void startBenchmark(BenchmarkParams benchmark) {
        String name = benchmark.getBenchmark();
        StringBuilder text = new StringBuilder(name.substring(name.lastIndexOf('.') + 1));
        for (String key : benchmark.getParamsKeys()) {
            text.append(' ').append(key).append('=').append(benchmark.getParam(key));
        }
        shown = text.toString();
    }

    private void announce() {
        if (!shown.isEmpty()) {
            out.printf("  %5s %%  %s to go  %s%n", percent, remaining, shown);
            // once for all forks of a benchmark
            shown = "";
        }
    }

    @Override
    public void print(String text) {
        // pieces of lines, of which none is an error
    }

    @Override
    public void verbosePrintln(String line) {
        // nobody asked
    }

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams params, int iteration) {
        // too many
    }

    @Override
    public void iterationResult(
            BenchmarkParams benchmark,
            IterationParams params,
            int iteration,
            IterationResult result) {
        // the table sums them up
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        // the table has it
    }

    @Override
    public void startRun() {
        // said already
    }

    @Override
    public void endRun(Collection<RunResult> results) {
        // the table has them
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        flush();
    }

    @Override
    public void write(int octet) {
        // a fork's own output: JMH repeats it when the fork fails
    }

    @Override
    public void write(byte[] octets) {
        // a fork's own output: JMH repeats it when the fork fails
    }
}
