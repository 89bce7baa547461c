package io.culvert.doctor.peer;

import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.wire.IpVersion;
import java.nio.ByteBuffer;

/**
 * Puts packets into the device of a tunnel that runs, whoever runs it, past routes and packet
 * filters of this host: what is examined is the tunnel.
 */
final class DeviceInjector implements Injector {
    private static final int AF_PACKET = 17; // linux/socket.h
    private static final short ETH_P_IP = 0x0800; // linux/if_ether.h
    private static final short ETH_P_IPV6 = (short) 0x86dd; // linux/if_ether.h
    private static final int ADDRESS_BYTES = 20; // struct sockaddr_ll
    private static final int ADDRESS_PROTOCOL = 2;
    private static final int ADDRESS_LINK = 4;

    private final LinuxSocket socket;
    private final NativeMemory address = NativeMemory.allocate(ADDRESS_BYTES);

    DeviceInjector(int linkIndex) {
        socket = LinuxSocket.open(AF_PACKET, LinuxSocket.SOCK_DGRAM, 0, "packet socket");
        address.bytes().putShort(0, (short) AF_PACKET).putInt(ADDRESS_LINK, linkIndex);
    }

    @Override
    public String send(ByteBuffer inner) {
        short type = IpVersion.of(inner, 0) == IpVersion.IPV6 ? ETH_P_IPV6 : ETH_P_IP;
        byte[] networkOrder = {(byte) (type >>> 8), (byte) type};
        address.bytes().put(ADDRESS_PROTOCOL, networkOrder);
        long sent =
                LibC.sendto(
                        socket.fd(),
                        NativeMemory.addressOf(inner),
                        inner.limit(),
                        LinuxSocket.MSG_DONTWAIT,
                        address.address(),
                        ADDRESS_BYTES);
        return sent < 0 ? Errno.describe(LibC.errno()) : "";
    }

    @Override
    public void close() {
        socket.close();
    }
}
