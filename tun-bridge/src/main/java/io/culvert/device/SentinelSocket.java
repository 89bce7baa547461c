package io.culvert.device;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.ClassicBpf;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.linux.PacketCountFilter;

/**
 * A raw socket that receives nothing and thereby keeps this host from answering a protocol's
 * packets with ICMP protocol unreachable, or ICMPv6 unrecognized next header.
 *
 * <p>The kernel sends that answer when no raw socket took the packet. Since 6.1x a socket whose
 * receive buffer is full has not taken it, so a burst would make a Linux peer report <i>host
 * unreachable</i> to its users. A socket counts as having taken a packet before its filter is
 * asked; this one's filter lets nothing in, so its buffer never fills. It also answers for the time
 * in which the real sockets are being opened or closed, and is therefore opened first and closed
 * last.
 */
public final class SentinelSocket implements AutoCloseable {
    private final LinuxSocket socket;
    private final PacketCountFilter counter;

    private SentinelSocket(LinuxSocket socket, PacketCountFilter counter) {
        this.socket = socket;
        this.counter = counter;
    }

    /**
     * Opens the sentinel of a protocol in the calling thread's network namespace.
     *
     * @throws io.culvert.linux.LinuxException when the kernel refuses it, saying what to do
     */
    public static SentinelSocket open(OuterProtocol protocol) {
        return open(protocol, false);
    }

    /**
     * Opens one that counts the packets as well, where the kernel lets us.
     *
     * @see #open(OuterProtocol)
     */
    public static SentinelSocket openCounting(OuterProtocol protocol) {
        return open(protocol, true);
    }

    private static SentinelSocket open(OuterProtocol protocol, boolean counts) {
        AbiProbe.check();
        LinuxSocket socket = protocol.openSocket("sentinel socket");
        try {
            PacketCountFilter counter = counts ? PacketCountFilter.attachTo(socket) : null;
            if (counter == null) {
                socket.attachFilter(ClassicBpf.REFUSE_ALL);
            }
            // What came in between would occupy the buffer for ever.
            discardWaiting(socket.fd());
            return new SentinelSocket(socket, counter);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Takes what came between opening and filtering. */
    static void discardWaiting(int fd) {
        NativeMemory oneByte = NativeMemory.allocate(1);
        while (LibC.recv(fd, oneByte.address(), 1, LinuxSocket.MSG_DONTWAIT) >= 0
                || LibC.errno() == Errno.EINTR) {
            oneByte.bytes().put(0, (byte) 0);
        }
    }

    /**
     * Packets of the protocol that have reached this host since it was opened, whoever takes them;
     * any thread. -1 when they are not counted.
     */
    public long arrivedPackets() {
        return counter == null ? -1 : counter.packets();
    }

    @Override
    public void close() {
        if (counter != null) {
            counter.close();
        }
        socket.close();
    }
}
