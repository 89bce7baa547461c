package io.culvert.endtoend.contender;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

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

    private static final Map<Long, Long> BYTES_BY_THREAD = new HashMap<>();

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
     * Of threads that ended it has what they had when they were last looked at, so that it never
     * shrinks. One method of Java 21 counts all, but the baseline is 17.
     */
    private static long allocatedBytes() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            // Without our own, which allocates to answer: several times what an idle tunnel does.
            if (id != Thread.currentThread().getId()) {
                BYTES_BY_THREAD.merge(id, threads.getThreadAllocatedBytes(id), Math::max);
            }
        }
        return BYTES_BY_THREAD.values().stream().filter(bytes -> bytes > 0).mapToLong(b -> b).sum();
    }
}
