package io.culvert.device;

import io.culvert.linux.Abi;
import io.culvert.linux.ClassicBpf;
import io.culvert.linux.LinuxException;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.spec.TunnelSpec;
import java.net.InetAddress;
import java.util.function.IntSupplier;

/**
 * Asks the host's IP how large a tunnel's outer packets may be at this moment: the least of what
 * the link has, the route sets and ICMP has told, less what IPsec adds.
 *
 * <p>A socket that is connected to the remote knows it, and takes no lock that others hold for
 * long, as the questions of netlink may. It is open for some 10 microseconds and receives nothing:
 * one that stayed open would be offered each packet of the remote.
 *
 * @param protocol what the tunnel sends
 * @param local the tunnel's local address, or null
 * @param remote the tunnel's remote address
 * @param linkName the device that the tunnel is bound to, or null
 */
public record KnownPathMtu(
        OuterProtocol protocol, InetAddress local, InetAddress remote, String linkName)
        implements IntSupplier {

    /** About the packets of a tunnel that has a remote address. */
    public static KnownPathMtu of(TunnelSpec tunnel) {
        return new KnownPathMtu(
                OuterProtocol.allOf(tunnel).get(0), tunnel.local(), tunnel.remote(), tunnel.link());
    }

    /**
     * The MTU in bytes.
     *
     * @return 0 when there is no way, or no socket to ask with
     */
    @Override
    public int getAsInt() {
        try (LinuxSocket socket = protocol.openSocket("raw socket to ask for the path's MTU")) {
            socket.attachFilter(ClassicBpf.REFUSE_ALL);
            if (linkName != null) {
                socket.option(
                        LinuxSocket.SOL_SOCKET,
                        LinuxSocket.SO_BINDTODEVICE,
                        NativeMemory.ofText(linkName),
                        "SO_BINDTODEVICE");
            }
            if (local != null) {
                socket.bind(socketAddress(local));
            }
            socket.connect(socketAddress(remote));
            return protocol.isOverIpv6()
                    ? socket.option(LinuxSocket.SOL_IPV6, LinuxSocket.IPV6_MTU, "IPV6_MTU")
                    : socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_MTU, "IP_MTU");
        } catch (LinuxException e) {
            return 0; // sending meets the same obstacle, and counts it
        }
    }

    private NativeMemory socketAddress(InetAddress address) {
        boolean isIpv6 = protocol.isOverIpv6();
        NativeMemory memory =
                NativeMemory.allocate(isIpv6 ? Abi.SOCKADDR_IN6_BYTES : Abi.SOCKADDR_IN_BYTES);
        memory.bytes()
                .putShort(
                        Abi.SOCKADDR_IN_FAMILY,
                        (short) (isIpv6 ? LinuxSocket.AF_INET6 : LinuxSocket.AF_INET))
                .put(isIpv6 ? Abi.SOCKADDR_IN6_ADDR : Abi.SOCKADDR_IN_ADDR, address.getAddress());
        return memory;
    }
}
