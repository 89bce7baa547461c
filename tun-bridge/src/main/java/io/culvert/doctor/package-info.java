/**
 * Why a tunnel does not work: what of the host, of its firewall and of the peer stands in the way,
 * and the command that mends it.
 *
 * <p>A {@link io.culvert.doctor.Check} looks at one thing through a {@link io.culvert.doctor.Host}
 * and says what it found as {@link io.culvert.doctor.Finding}s. Nothing here is on a packet's way.
 */
package io.culvert.doctor;
