package io.culvert.device;

import io.culvert.linux.Abi;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;

/**
 * Packets that found a packet socket's receive ring full: {@code PACKET_STATISTICS}. Any thread.
 *
 * <p>The kernel asks the socket's filter before it looks for a frame, so other lanes' packets are
 * not among them.
 */
final class RingLosses {
    private final int fd;
    private final NativeMemory stats = NativeMemory.allocate(Abi.TPACKET_STATS_BYTES);
    private final NativeMemory statsBytes = NativeMemory.ofInt(Abi.TPACKET_STATS_BYTES);
    private long packets;
    private boolean isFrozen;

    RingLosses(int fd) {
        this.fd = fd;
    }

    /** So many since the socket was opened. */
    synchronized long packets() {
        if (!isFrozen) {
            read();
        }
        return packets;
    }

    /** Reads a last time: the descriptor is about to be closed. */
    synchronized void freeze() {
        if (!isFrozen) {
            read();
            isFrozen = true;
        }
    }

    private void read() {
        int result =
                LibC.getsockopt(
                        fd,
                        LinuxSocket.SOL_PACKET,
                        LinuxSocket.PACKET_STATISTICS,
                        stats.address(),
                        statsBytes.address());
        if (result >= 0) {
            // the kernel begins anew with each time that it tells
            packets += Integer.toUnsignedLong(stats.bytes().getInt(Abi.TPACKET_STATS_DROPS));
        }
    }
}
