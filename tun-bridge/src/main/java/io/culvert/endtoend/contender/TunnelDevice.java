package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Addresses;
import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Topology;
import io.culvert.wire.Ipv4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** The device that a contender makes, and what the bench does with it. */
final class TunnelDevice {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long LOOK_AGAIN_MILLIS = 20;

    private TunnelDevice() {}

    /** Waits until a program has made the device. */
    static void await(Host host, EndpointProcess maker) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!host.attempt("ip", "link", "show", Host.TUNNEL).succeeded()) {
            if (!maker.isAlive() || System.nanoTime() > end) {
                throw new CommandFailure("it made no device: " + maker.lastWords());
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    /** Gives the device its IPv4 address and MTU, and sets it up. */
    static void configure(Host host, int innerMtu) throws InterruptedException {
        String address = host.addresses().innerIpv4() + Addresses.IPV4_PREFIX;
        host.run("ip addr replace %s dev %s".formatted(address, Host.TUNNEL));
        host.run("ip link set %s mtu %d up".formatted(Host.TUNNEL, innerMtu));
    }

    /** Where the left host sends to when it means the tunnel's far end. */
    static InetAddress farEnd(Topology topology) {
        return ipv4(topology.right().addresses().innerIpv4());
    }

    static InetAddress ipv4(String text) {
        try {
            byte[] octets = ByteBuffer.allocate(4).putInt(Ipv4Address.parse(text)).array();
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four octets are an address", e);
        }
    }
}
