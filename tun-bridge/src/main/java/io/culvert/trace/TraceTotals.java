package io.culvert.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of the packets of a trace: {@code seen} is the sum of all others.
 *
 * @param seen packets that passed the tunnels that were watched, and of drops only the drops
 * @param shown those that were shown
 * @param filtered those that a filter took out
 * @param sampledOut those that the sample left out
 * @param skippedByTunnel those that found no room in the tunnel's rings, which were not read fast
 *     enough
 * @param skippedHere those that were read, but could not be shown fast enough
 * @param malformed those that could not be read
 */
public record TraceTotals(
        long seen,
        long shown,
        long filtered,
        long sampledOut,
        long skippedByTunnel,
        long skippedHere,
        long malformed) {

    /** One line for people: what was shown, and why anything was not. */
    public String sentence() {
        List<String> rest = new ArrayList<>();
        add(rest, filtered, "filtered out");
        add(rest, sampledOut, "not in the sample");
        add(rest, skippedByTunnel, "skipped by the tunnel: they came faster than they were read");
        add(rest, skippedHere, "skipped here: they came faster than they were shown");
        add(rest, malformed, "not understood");
        String line = shown + (shown == 1 ? " packet" : " packets") + " shown";
        return rest.isEmpty() ? line : line + "; " + String.join("; ", rest);
    }

    private static void add(List<String> rest, long packets, String what) {
        if (packets > 0) {
            rest.add(packets + " " + what);
        }
    }
}
