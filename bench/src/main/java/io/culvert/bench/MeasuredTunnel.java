package io.culvert.bench;

import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.IcmpErrors;
import io.culvert.tunnel.IdentificationSequence;
import io.culvert.tunnel.InnerIcmp;
import io.culvert.tunnel.PacketOutlet;
import io.culvert.tunnel.PathMtu;
import io.culvert.wire.IpVersion;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** The tunnels that are measured, by names such as {@code sit} or {@code gre-key-csum}. */
final class MeasuredTunnel {
    /** 192.0.2.2, from where it sends. */
    static final int LOCAL = 0xc000_0202;

    /** 192.0.2.1, where its peer is. */
    static final int REMOTE = 0xc000_0201;

    static final int OUTER_MTU = 1500;

    private static final int KEY = 0x0102_0304;

    private MeasuredTunnel() {}

    /** The sending end, with the kernel's defaults but for the options in the name. */
    static TunnelSpec spec(String name) {
        return spec(name, LOCAL, REMOTE);
    }

    /** The end that receives what {@link #spec} sends. */
    static TunnelSpec peer(String name) {
        return spec(name, REMOTE, LOCAL);
    }

    static TunnelSpec spec(String name, int local, int remote) {
        String[] words = name.split("-");
        TunnelMode mode = TunnelMode.valueOf(words[0].toUpperCase(Locale.ROOT));
        TunnelSpecBuilder spec =
                TunnelSpec.builder("tun0", mode)
                        .local(address(mode, local))
                        .remote(address(mode, remote));
        for (int i = 1; i < words.length; i++) {
            switch (words[i]) {
                case "key" -> spec.key(KEY);
                case "csum" -> spec.checksum(true);
                case "seq" -> spec.sequence(true);
                default -> throw new IllegalArgumentException(words[i] + " in " + name);
            }
        }
        return spec.build();
    }

    /** The IP version of the packets that such a tunnel is measured with. */
    static int innerVersion(TunnelSpec spec) {
        return spec.payload().carries(IpVersion.IPV4) ? IpVersion.IPV4 : IpVersion.IPV6;
    }

    static Encapsulator encapsulator(TunnelSpec spec) {
        PathMtu pathMtu = new PathMtu(OUTER_MTU);
        InnerIcmp innerIcmp = new InnerIcmp(PacketOutlet.CLOSED, spec.payload());
        return new Encapsulator(
                spec,
                pathMtu,
                new IcmpErrors(spec, pathMtu, innerIcmp),
                innerIcmp,
                PacketOutlet.CLOSED,
                IdentificationSequence.after(1));
    }

    /** An IPv4 address, or the IPv6 address 2001:db8:: that ends with it. */
    private static InetAddress address(TunnelMode mode, int bits) {
        ByteBuffer octets =
                mode.outerVersion() == IpVersion.IPV4
                        ? ByteBuffer.allocate(Integer.BYTES)
                        : ByteBuffer.allocate(2 * Long.BYTES)
                                .putLong(0x2001_0db8_0000_0000L)
                                .putInt(0);
        try {
            return InetAddress.getByAddress(octets.putInt(bits).array());
        } catch (UnknownHostException e) {
            throw new AssertionError("four and sixteen octets are an address", e);
        }
    }
}
