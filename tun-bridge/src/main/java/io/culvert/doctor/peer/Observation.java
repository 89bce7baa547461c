package io.culvert.doctor.peer;

/**
 * A probe's outcome: what was sent and what was seen.
 *
 * @param sightings what was seen on the wire
 * @param seconds how long it was looked
 * @param quietSeconds how long of it before anything was sent
 * @param firstSendNanos when the first packet was sent; 0 when none was
 * @param sent requests that were given to the tunnel
 * @param refusal why the last of those that could not be sent was refused; empty when none was
 * @param roundTripNanos of the fastest answer; 0 without one
 * @param assumedMtu the inner MTU that was tried, in bytes; 0 when it was not
 * @param measuredMtu the largest inner packet that was answered, in bytes; 0 when it was not tried
 * @param lost packets that were not seen because there were too many
 */
record Observation(
        Sightings sightings,
        double seconds,
        double quietSeconds,
        long firstSendNanos,
        int sent,
        String refusal,
        long roundTripNanos,
        int assumedMtu,
        int measuredMtu,
        int lost) {}
