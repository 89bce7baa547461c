package io.culvert.doctor.peer;

import java.nio.ByteBuffer;

/** A way to send inner packets to the peer. One thread. */
interface Injector extends AutoCloseable {
    /** Sends a packet; why it was refused, or empty when it was not. */
    String send(ByteBuffer inner);

    @Override
    void close();
}
