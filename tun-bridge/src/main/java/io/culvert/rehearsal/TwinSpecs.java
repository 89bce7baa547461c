package io.culvert.rehearsal;

import io.culvert.spec.DeviceSpec;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Both ends of a tunnel like the user's, between two addresses that nobody has. It has the same
 * header; outside it has IPv4, and inside IP, also where the user's has IPv6 and Ethernet.
 */
record TwinSpecs(TunnelSpec left, TunnelSpec right) {
    private static final Inet4Address LEFT = documentationAddress(1);
    private static final Inet4Address RIGHT = documentationAddress(2);

    static TwinSpecs of(TunnelSpec spec) {
        TunnelSpec left = likeIt(spec);
        TunnelSpecBuilder right =
                left.toBuilder()
                        .local(RIGHT)
                        .remote(LEFT)
                        .noKey()
                        .inputChecksum(spec.gre().outputChecksum())
                        .outputChecksum(spec.gre().inputChecksum())
                        .inputSequence(spec.gre().outputSequence())
                        .outputSequence(spec.gre().inputSequence());
        spec.gre().outputKey().ifPresent(right::inputKey);
        spec.gre().inputKey().ifPresent(right::outputKey);
        return new TwinSpecs(left, right.build());
    }

    private static TunnelSpec likeIt(TunnelSpec spec) {
        if (spec.outer() instanceof OuterIpv4 && !spec.payload().isEthernet()) {
            return spec.toBuilder().link(null).local(LEFT).remote(RIGHT).build();
        }
        return new TunnelSpec(
                spec.name(),
                new OuterIpv4(
                        LEFT, RIGHT, null, spec.outer().ttl(), 0, OuterIpv4.Fragmentation.NEVER),
                spec.header(),
                spec.payload().isEthernet() ? Payload.IP : spec.payload(),
                new DeviceSpec(0, null));
    }

    /** 192.0.2.x, RFC 5737. */
    private static Inet4Address documentationAddress(int host) {
        try {
            byte[] octets = {(byte) 192, 0, 2, (byte) host};
            return (Inet4Address) InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("four octets are an address", e);
        }
    }
}
