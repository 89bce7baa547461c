package io.culvert.tunnel;

import java.nio.ByteBuffer;

/** The inner packet that a tunnel asks its peer with. Confined to the lane's thread. */
public interface KeepaliveProbe {
    /** The longest probe: an ICMPv6 echo request. */
    int MAX_BYTES = 64;

    /** Is told before the next one is written that the last was not answered. */
    default void unanswered() {
        // most have nothing else to try
    }

    /**
     * Writes the packet, at most {@link #MAX_BYTES}, to be encapsulated like any other.
     *
     * @param number 1 to 65,535, by which the answer tells which request it is for
     * @return its length in bytes
     */
    int write(ByteBuffer memory, int at, int number);
}
