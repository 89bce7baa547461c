package io.culvert.doctor.peer;

import io.culvert.linux.ClassicBpf;
import io.culvert.linux.ClassicBpfWriter;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.wire.IpProtocol;
import java.nio.ByteBuffer;

/**
 * Sees the IPv4 packets of all devices, incoming ones before the packet filter and outgoing ones
 * behind it (packet(7)). Packets of other protocols than a tunnel's and ICMP are left out. One
 * thread.
 */
final class PacketTap implements AutoCloseable {
    private static final int AF_PACKET = 17; // linux/socket.h
    private static final int ETH_P_ALL = 0x0003; // linux/if_ether.h
    private static final int PACKET_HOST = 0; // linux/if_packet.h
    private static final int PACKET_OUTGOING = 4; // linux/if_packet.h
    private static final int SOL_PACKET = 263; // linux/socket.h
    private static final int PACKET_STATISTICS = 6; // linux/if_packet.h
    private static final int STATISTICS_BYTES = 8; // struct tpacket_stats: u32 packets, u32 drops
    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;
    private static final int MOST_PACKET_BYTES = 65_536;

    // struct sockaddr_ll: u16 family, u16 protocol, int ifindex, u16 hatype, u8 pkttype, u8 halen
    private static final int ADDRESS_BYTES = 20;
    private static final int ADDRESS_LINK = 4;
    private static final int ADDRESS_PACKET_TYPE = 10;

    // struct pollfd, poll.h: int fd, short events, short revents
    private static final int POLLFD_BYTES = 8;
    private static final int POLLFD_EVENTS = 4;
    private static final short POLLIN = 1;

    private static final ClassicBpf TUNNELS_AND_ICMP = tunnelsAndIcmp();

    private final LinuxSocket socket;
    private final NativeMemory packet = NativeMemory.allocate(MOST_PACKET_BYTES);
    private final NativeMemory sender = NativeMemory.allocate(ADDRESS_BYTES);
    private final NativeMemory senderBytes = NativeMemory.ofInt(ADDRESS_BYTES);
    private final NativeMemory pollfd = NativeMemory.allocate(POLLFD_BYTES);

    private PacketTap(LinuxSocket socket) {
        this.socket = socket;
        pollfd.bytes().putInt(0, socket.fd()).putShort(POLLFD_EVENTS, POLLIN);
    }

    /**
     * Begins to look, in the calling thread's network namespace.
     *
     * @throws LinuxException when the kernel refuses it, saying what to do
     */
    static PacketTap open() {
        LinuxSocket socket =
                LinuxSocket.open(
                        AF_PACKET,
                        LinuxSocket.SOCK_DGRAM,
                        Short.toUnsignedInt(Short.reverseBytes((short) ETH_P_ALL)),
                        "packet socket");
        int level = LinuxSocket.SOL_SOCKET;
        if (!socket.tryOption(level, LinuxSocket.SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)) {
            socket.tryOption(level, LinuxSocket.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
        }
        try {
            socket.attachFilter(TUNNELS_AND_ICMP);
        } catch (LinuxException e) { // a sandbox that forbids it; then all others come as well
            return new PacketTap(socket);
        }
        return new PacketTap(socket);
    }

    /** TCP of other programs would fill the buffer before it is looked at. */
    private static ClassicBpf tunnelsAndIcmp() {
        return new ClassicBpfWriter()
                .loadByte(0)
                .shiftRight(4)
                .jumpUnlessEqual(4, "others")
                .loadByte(9)
                .jumpIfEqual(IpProtocol.GRE, "ours")
                .jumpIfEqual(IpProtocol.IPIP, "ours")
                .jumpIfEqual(IpProtocol.IPV6, "ours")
                .jumpIfEqual(IpProtocol.ICMP, "ours")
                .label("others")
                .refuse()
                .label("ours")
                .accept()
                .program();
    }

    /** The next packet, or null when none came until then. */
    TapPacket next(long untilNanos) {
        while (true) {
            senderBytes.bytes().putInt(0, ADDRESS_BYTES);
            long received =
                    LibC.recvfrom(
                            socket.fd(),
                            packet.address(),
                            MOST_PACKET_BYTES,
                            LinuxSocket.MSG_DONTWAIT,
                            sender.address(),
                            senderBytes.address());
            if (received > 0) {
                TapPacket seen = seen((int) received);
                if (seen != null) {
                    return seen;
                }
            } else if (LibC.errno() == Errno.EAGAIN) {
                long leftMillis = (untilNanos - System.nanoTime() + 999_999) / 1_000_000;
                if (leftMillis <= 0) {
                    return null;
                }
                LibC.poll(pollfd.address(), 1, (int) leftMillis);
            }
            if (System.nanoTime() - untilNanos >= 0) {
                return null;
            }
        }
    }

    private TapPacket seen(int lengthBytes) {
        int type = sender.bytes().get(ADDRESS_PACKET_TYPE);
        boolean isOurs = type == PACKET_HOST || type == PACKET_OUTGOING;
        if (!isOurs || lengthBytes < 20 || packet.bytes().get(0) >>> 4 != 4) {
            return null;
        }
        int protocol = packet.bytes().get(9);
        if (protocol != IpProtocol.GRE
                && protocol != IpProtocol.IPIP
                && protocol != IpProtocol.IPV6
                && protocol != IpProtocol.ICMP) {
            return null;
        }
        byte[] copy = new byte[lengthBytes];
        packet.bytes().get(0, copy);
        return new TapPacket(
                System.nanoTime(),
                sender.bytes().getInt(ADDRESS_LINK),
                type == PACKET_OUTGOING,
                ByteBuffer.wrap(copy));
    }

    /** Packets that were lost because we looked too slowly, since the last time it was asked. */
    int lost() {
        NativeMemory statistics = NativeMemory.allocate(STATISTICS_BYTES);
        NativeMemory bytes = NativeMemory.ofInt(STATISTICS_BYTES);
        int result =
                LibC.getsockopt(
                        socket.fd(),
                        SOL_PACKET,
                        PACKET_STATISTICS,
                        statistics.address(),
                        bytes.address());
        return result < 0 ? 0 : statistics.bytes().getInt(Integer.BYTES);
    }

    @Override
    public void close() {
        socket.close();
    }
}
