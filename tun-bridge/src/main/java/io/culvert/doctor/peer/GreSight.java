package io.culvert.doctor.peer;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A GRE header (RFC 2784, RFC 2890).
 *
 * @param key its bits
 * @param isChecksumRight whether the checksum is right, or absent
 * @param sequence unsigned
 * @param version 0; 1 is that of PPTP and EoIP
 * @param protocolType what it carries, an {@link io.culvert.wire.EtherType}
 */
record GreSight(
        OptionalInt key,
        boolean hasChecksum,
        boolean isChecksumRight,
        OptionalLong sequence,
        int version,
        int protocolType) {}
