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
import java.net.Inet4Address;
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
                TunnelSpec.builder("tun0", mode).local(address(local)).remote(address(remote));
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

    static Inet4Address address(int bits) {
        try {
            byte[] octets = ByteBuffer.allocate(Integer.BYTES).putInt(bits).array();
            return (Inet4Address) InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("four octets are an address", e);
        }
    }
}
