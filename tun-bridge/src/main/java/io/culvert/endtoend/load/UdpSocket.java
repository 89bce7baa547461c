package io.culvert.endtoend.load;

import io.culvert.linux.Abi;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import java.lang.ref.Reference;
import java.net.Inet4Address;
import java.net.InetAddress;

/** A UDP socket that takes many datagrams by one system call, which Java's own cannot. */
final class UdpSocket implements AutoCloseable {
    private static final int SOCKADDR_PORT = 2; // netinet/in.h, of both families
    private static final int BUFFER_BYTES = 8 << 20;

    private final LinuxSocket socket;
    private final NativeMemory address;
    private final int addressBytes;

    private UdpSocket(LinuxSocket socket, InetAddress peer, int port) {
        this.socket = socket;
        boolean isIpv4 = peer instanceof Inet4Address;
        this.addressBytes = isIpv4 ? Abi.SOCKADDR_IN_BYTES : Abi.SOCKADDR_IN6_BYTES;
        this.address = NativeMemory.allocate(addressBytes);
        address.bytes()
                .putShort(
                        Abi.SOCKADDR_IN_FAMILY,
                        (short) (isIpv4 ? LinuxSocket.AF_INET : LinuxSocket.AF_INET6))
                .put(SOCKADDR_PORT, (byte) (port >> 8))
                .put(SOCKADDR_PORT + 1, (byte) port)
                .put(isIpv4 ? Abi.SOCKADDR_IN_ADDR : Abi.SOCKADDR_IN6_ADDR, peer.getAddress());
    }

    /** A socket that receives what is sent to the address. */
    static UdpSocket bound(InetAddress local, int port) {
        UdpSocket udp = open(local, port);
        udp.socket.option(
                LinuxSocket.SOL_SOCKET, LinuxSocket.SO_RCVBUFFORCE, BUFFER_BYTES, "SO_RCVBUFFORCE");
        udp.check(LibC.bind(udp.fd(), udp.address.address(), udp.addressBytes), "bind");
        return udp;
    }

    /** A socket that sends to the address. */
    static UdpSocket connected(InetAddress remote, int port) {
        UdpSocket udp = open(remote, port);
        udp.socket.option(
                LinuxSocket.SOL_SOCKET, LinuxSocket.SO_SNDBUFFORCE, BUFFER_BYTES, "SO_SNDBUFFORCE");
        udp.check(LibC.connect(udp.fd(), udp.address.address(), udp.addressBytes), "connect");
        return udp;
    }

    private static UdpSocket open(InetAddress peer, int port) {
        int family = peer instanceof Inet4Address ? LinuxSocket.AF_INET : LinuxSocket.AF_INET6;
        LinuxSocket socket = LinuxSocket.open(family, LinuxSocket.SOCK_DGRAM, 0, "UDP socket");
        return new UdpSocket(socket, peer, port);
    }

    int fd() {
        return socket.fd();
    }

    private void check(int result, String what) {
        int errno = result < 0 ? LibC.errno() : 0;
        Reference.reachabilityFence(address);
        if (result < 0) {
            socket.close();
            throw new LinuxException("cannot " + what + " a UDP socket", errno, "");
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
