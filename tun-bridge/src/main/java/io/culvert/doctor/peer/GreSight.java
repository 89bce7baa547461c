package io.culvert.doctor.peer;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The options of a GRE header (RFC 2784, RFC 2890).
 *
 * @param key its bits
 * @param isChecksumRight whether the checksum is right, or absent
 * @param sequence unsigned
 * @param version 0; 1 is PPTP's
 */
record GreSight(
        OptionalInt key,
        boolean hasChecksum,
        boolean isChecksumRight,
        OptionalLong sequence,
        int version) {}
