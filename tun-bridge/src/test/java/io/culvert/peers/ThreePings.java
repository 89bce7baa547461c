package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three echo requests, one behind the other, and patience for their answers.
 *
 * <p>ping(8) is as patient as {@code -W} says only while nothing at all was answered; then it waits
 * for an interval, or for two round trips. With a short interval one hiccup of either end makes the
 * third answer late for it, which is not what a test of tunnels is to find. So the interval is
 * long, and the requests do not wait for it.
 */
final class ThreePings {
    private static final int PATIENCE_SECONDS = 5;

    private ThreePings() {}

    /** The command, in one line. */
    static String command(String destination, String... options) {
        return "ping -n -c 3 -l 3 -i %1$d -W %1$d %2$s %3$s"
                .formatted(PATIENCE_SECONDS, String.join(" ", options), destination);
    }

    static void assertAllAnswered(Outcome ping) {
        assertThat(ping.stdout())
                .contains("3 packets transmitted, 3 received, 0% packet loss")
                .doesNotContain("DUP!", "Unreachable", "exceeded", "wrong data");
    }
}
