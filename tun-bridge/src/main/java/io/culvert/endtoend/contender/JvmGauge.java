package io.culvert.endtoend.contender;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Runs another main class, and answers each line on standard input with the bytes that the other
 * threads of this process have allocated so far: {@code gauge 123456 bytes}.
 *
 * <p>Reading it costs the endpoint nothing while nobody asks, and needs neither a JDK nor a network
 * connection.
 */
public final class JvmGauge {
    /** How an answer begins. */
    public static final String ANSWER = "gauge ";

    private JvmGauge() {}

    /** The first argument is the main class; the others are its own. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread gauge = new Thread(JvmGauge::answerLines, "gauge");
        gauge.setDaemon(true);
        gauge.start();
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        try {
            Class.forName(arguments[0])
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) rest);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /** What a line of an endpoint's output says, in bytes. */
    public static long bytes(String answer) {
        return Long.parseLong(answer.split(" ")[1]);
    }

    private static void answerLines() {
        try {
            var lines =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (lines.readLine() != null) {
                System.out.println(ANSWER + allocatedBytes() + " bytes");
            }
        } catch (IOException e) {
            System.err.println("gauge: " + e.getMessage());
        }
    }

    /**
     * Threads that ended are not in it; those that carry packets live as long as the tunnel. One
     * method of Java 21 counts all, but the baseline is 17.
     */
    private static long allocatedBytes() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // Without our own, which allocates to answer: several times what an idle tunnel does.
        long[] others =
                Arrays.stream(threads.getAllThreadIds())
                        .filter(id -> id != Thread.currentThread().getId())
                        .toArray();
        return Arrays.stream(threads.getThreadAllocatedBytes(others))
                .filter(bytes -> bytes > 0)
                .sum();
    }
}
