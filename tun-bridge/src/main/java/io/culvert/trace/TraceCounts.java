package io.culvert.trace;

/**
 * What a tunnel counts of a trace.
 *
 * @param seen packets that could have been recorded, sampled or not
 * @param skipped those of them that found no room
 */
record TraceCounts(long seen, long skipped) {
    static final TraceCounts NONE = new TraceCounts(0, 0);
}
