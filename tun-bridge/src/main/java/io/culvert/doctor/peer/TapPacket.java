package io.culvert.doctor.peer;

import java.nio.ByteBuffer;

/**
 * A packet as a tap saw it.
 *
 * @param nanos when, on the clock of {@link System#nanoTime}
 * @param linkIndex the device
 * @param isOutgoing whether this host sent it
 * @param bytes from the IP header on, as far as they were captured
 */
record TapPacket(long nanos, int linkIndex, boolean isOutgoing, ByteBuffer bytes) {}
