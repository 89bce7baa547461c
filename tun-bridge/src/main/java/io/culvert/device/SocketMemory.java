package io.culvert.device;

import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;

/**
 * What the kernel tells of a socket's receive buffer: {@code SO_MEMINFO}. Any thread.
 *
 * <p>One system call, for metrics and not for packets. SO_RXQ_OVFL would cost every packet a
 * control message, and /proc/net/raw a search for our inode through every raw socket's line.
 */
final class SocketMemory {
    private static final int SK_MEMINFO_RMEM_ALLOC = 0; // linux/sock_diag.h
    private static final int SK_MEMINFO_DROPS = 8; // linux/sock_diag.h
    private static final int SK_MEMINFO_BYTES = 9 * Integer.BYTES; // linux/sock_diag.h

    private final int fd;
    private final NativeMemory values = NativeMemory.allocate(SK_MEMINFO_BYTES);
    private final NativeMemory valuesBytes = NativeMemory.ofInt(SK_MEMINFO_BYTES);
    private long drops;
    private boolean isFrozen;

    SocketMemory(int fd) {
        this.fd = fd;
    }

    /** Packets that found the buffer full since the socket was opened. */
    synchronized long drops() {
        if (!isFrozen) {
            read();
        }
        return drops;
    }

    /** Bytes that the kernel counts for the packets that wait, its own overhead included. */
    synchronized long waitingBytes() {
        return !isFrozen && read() ? int32(SK_MEMINFO_RMEM_ALLOC) : 0;
    }

    /** Reads a last time: the descriptor is about to be closed. */
    synchronized void freeze() {
        if (!isFrozen) {
            read();
            isFrozen = true;
        }
    }

    private boolean read() {
        int result =
                LibC.getsockopt(
                        fd,
                        LinuxSocket.SOL_SOCKET,
                        LinuxSocket.SO_MEMINFO,
                        values.address(),
                        valuesBytes.address());
        if (result < 0) {
            return false;
        }
        // The kernel's counter has 32 bits and wraps: add what it has grown by.
        drops += Integer.toUnsignedLong(int32(SK_MEMINFO_DROPS) - (int) drops);
        return true;
    }

    private int int32(int index) {
        return values.bytes().getInt(index * Integer.BYTES);
    }
}
