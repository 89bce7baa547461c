import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

/**
 * Says in one screen what the tests did: reads Surefire's XML reports and prints, per group of
 * tests, how many passed, failed and were skipped, then each failure, then the skips by reason, and
 * in the last line the sums.
 *
 * <p>Usage: {@code java TestSummary.java ROOT LABEL=DIRECTORY...}, where each module under ROOT has
 * its reports in {@code DIRECTORY/surefire-reports}; the label names the JDK that ran them.
 *
 * <p>Exit status: 0 nothing failed; 1 a test failed, or none ran, or with {@code CI=true} one was
 * skipped that needs root.
 */
public final class TestSummary {
    /** In the order in which they are printed. */
    private enum Group {
        UNIT("unit, golden and property"),
        FUZZ("fuzz regression"),
        ARCHITECTURE("architecture"),
        NAMESPACE("network namespaces"),
        KERNEL("kernel as peer");

        final String title;

        Group(String title) {
            this.title = title;
        }

        boolean needsRoot() {
            return this == NAMESPACE || this == KERNEL;
        }
    }

    private static final class Tally {
        int passed;
        int failed;
        int skipped;
        double seconds;

        boolean isEmpty() {
            return passed + failed + skipped == 0;
        }

        void add(Tally other) {
            passed += other.passed;
            failed += other.failed;
            skipped += other.skipped;
            seconds += other.seconds;
        }
    }

    private static final int LINES_OF_A_FAILURE = 12;
    private static final int MAX_COLUMNS = 240;

    private final TestSources sources;
    private final Tally all = new Tally();
    private final List<String> failures = new ArrayList<>();
    private final Map<String, Integer> skips = new LinkedHashMap<>();
    private int skippedThatNeedRoot;

    private TestSummary(TestSources sources) {
        this.sources = sources;
    }

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        TestSummary summary = new TestSummary(TestSources.under(root));
        for (int i = 1; i < args.length; i++) {
            String[] labelAndDirectory = args[i].split("=", 2);
            summary.printRun(labelAndDirectory[0], reports(root, labelAndDirectory[1]));
        }
        summary.printDetails();
        System.exit(summary.printSums("true".equals(System.getenv("CI"))) ? 0 : 1);
    }

    private static List<Path> reports(Path root, String directory) throws IOException {
        List<Path> reports = new ArrayList<>();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(root)) {
            for (Path module : modules) {
                Path reportsOfModule = module.resolve(directory).resolve("surefire-reports");
                if (Files.isDirectory(reportsOfModule)) {
                    try (DirectoryStream<Path> files =
                            Files.newDirectoryStream(reportsOfModule, "TEST-*.xml")) {
                        files.forEach(reports::add);
                    }
                }
            }
        }
        reports.sort(null);
        return reports;
    }

    private void printRun(String label, List<Path> reports) throws Exception {
        Map<Group, Tally> tallies = new EnumMap<>(Group.class);
        for (Path report : reports) {
            Element suite =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(report.toFile())
                            .getDocumentElement();
            String className = suite.getAttribute("name");
            Group group = sources.groupOf(className);
            Tally tally = tallies.computeIfAbsent(group, g -> new Tally());
            tally.seconds += seconds(suite.getAttribute("time"));
            NodeList cases = suite.getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                count((Element) cases.item(i), className, label, group, tally);
            }
        }
        System.out.println("On " + label);
        tallies.values().removeIf(Tally::isEmpty);
        if (tallies.isEmpty()) {
            System.out.println("  no test ran");
        }
        tallies.forEach(
                (group, tally) -> {
                    System.out.printf(
                            Locale.ROOT,
                            "  %-26s %6d passed %5d failed %5d skipped %8.1f s%n",
                            group.title,
                            tally.passed,
                            tally.failed,
                            tally.skipped,
                            tally.seconds);
                    all.add(tally);
                });
        System.out.println();
    }

    private void count(Element test, String className, String label, Group group, Tally tally) {
        // A class that cannot even start (its @BeforeAll fails) is one case without a name.
        String name =
                className
                        + (test.getAttribute("name").isEmpty() ? "" : ".")
                        + test.getAttribute("name");
        Element verdict = verdict(test);
        if (verdict == null) {
            tally.passed++;
        } else if (verdict.getTagName().equals("skipped")) {
            tally.skipped++;
            skippedThatNeedRoot += group.needsRoot() ? 1 : 0;
            skips.merge(group.title + ": " + reason(verdict), 1, Integer::sum);
        } else {
            tally.failed++;
            failures.add(name + ", on " + label + "\n" + firstLines(verdict.getTextContent()));
        }
    }

    /** The child that says how the case ended, or {@code null}: it passed. */
    private static Element verdict(Element test) {
        for (Node child = test.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element element
                    && List.of("failure", "error", "skipped").contains(element.getTagName())) {
                return element;
            }
        }
        return null;
    }

    private static String reason(Element skipped) {
        String reason = skipped.getAttribute("message");
        if (reason.isEmpty()) {
            reason = skipped.getTextContent().strip().lines().findFirst().orElse("no reason given");
        }
        return reason.replaceFirst("^[\\w.]*TestAbortedException: ", "")
                .replaceFirst("^Assumption failed: ", "");
    }

    /** The message, and of the stack what is ours. */
    private static String firstLines(String text) {
        StringBuilder lines = new StringBuilder();
        text.strip()
                .lines()
                .filter(line -> !line.startsWith("\tat ") || line.contains("io.culvert"))
                .limit(LINES_OF_A_FAILURE)
                .forEach(line -> lines.append("      ").append(shortened(line)).append('\n'));
        return lines.toString();
    }

    private static String shortened(String line) {
        String plain = line.replace("\t", "  ");
        return plain.length() <= MAX_COLUMNS ? plain : plain.substring(0, MAX_COLUMNS - 3) + "...";
    }

    private static double seconds(String attribute) {
        return attribute.isEmpty() ? 0 : Double.parseDouble(attribute.replace(",", ""));
    }

    private void printDetails() {
        if (!failures.isEmpty()) {
            System.out.println("Failed");
            failures.forEach(failure -> System.out.println("  " + failure));
        }
        if (!skips.isEmpty()) {
            System.out.println("Skipped");
            skips.forEach((reason, times) -> System.out.printf("  %4d %s%n", times, reason));
            System.out.println();
        }
    }

    private boolean printSums(boolean isContinuousIntegration) {
        boolean isGood = all.failed == 0 && !all.isEmpty();
        if (isContinuousIntegration && skippedThatNeedRoot > 0) {
            System.out.println("CI=true: a skipped test that needs root is a failure");
            isGood = false;
        }
        System.out.printf(
                "%d passed, %d failed, %d skipped%n", all.passed, all.failed, all.skipped);
        return isGood;
    }

    /**
     * The group of a test class. Surefire's reports do not carry JUnit's tags, so they are read
     * from the sources: on the class, on an annotation of ours that it wears, on what it extends.
     */
    private record TestSources(Map<String, String> sourceBySimpleName) {
        private static final Pattern TAG = Pattern.compile("@Tag\\(\"(\\w+)\"\\)");
        private static final Pattern TYPE_IN_USE = Pattern.compile("(?:@|extends\\s+)([A-Z]\\w+)");

        static TestSources under(Path root) throws IOException {
            Map<String, String> sources = new HashMap<>();
            try (DirectoryStream<Path> modules = Files.newDirectoryStream(root)) {
                for (Path module : modules) {
                    Path tests = module.resolve("src/test/java");
                    if (Files.isDirectory(tests)) {
                        try (Stream<Path> files = Files.walk(tests)) {
                            files.filter(file -> file.toString().endsWith(".java"))
                                    .forEach(file -> sources.put(simpleName(file), read(file)));
                        }
                    }
                }
            }
            return new TestSources(sources);
        }

        Group groupOf(String className) {
            String simpleName =
                    className.substring(className.lastIndexOf('.') + 1).replaceFirst("\\$.*", "");
            List<String> tags = new ArrayList<>();
            collectTags(simpleName, tags, new ArrayList<>());
            if (tags.contains("kernel")) {
                return Group.KERNEL;
            }
            if (tags.contains("netns")) {
                return Group.NAMESPACE;
            }
            if (tags.contains("fuzz")) {
                return Group.FUZZ;
            }
            return sourceBySimpleName.getOrDefault(simpleName, "").contains("com.tngtech.archunit")
                    ? Group.ARCHITECTURE
                    : Group.UNIT;
        }

        private void collectTags(String simpleName, List<String> tags, List<String> visited) {
            String source = sourceBySimpleName.get(simpleName);
            if (source == null || visited.contains(simpleName)) {
                return;
            }
            visited.add(simpleName);
            for (Matcher tag = TAG.matcher(source); tag.find(); ) {
                tags.add(tag.group(1));
            }
            for (Matcher type = TYPE_IN_USE.matcher(source); type.find(); ) {
                collectTags(type.group(1), tags, visited);
            }
        }

        private static String simpleName(Path file) {
            return file.getFileName().toString().replace(".java", "");
        }

        private static String read(Path file) {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
