package io.culvert.rehearsal;

import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Both ends of a tunnel like the user's, between two addresses that nobody has. */
record TwinSpecs(TunnelSpec left, TunnelSpec right) {
    private static final Inet4Address LEFT = documentationAddress(1);
    private static final Inet4Address RIGHT = documentationAddress(2);

    static TwinSpecs of(TunnelSpec spec) {
        TunnelSpec left = spec.toBuilder().link(null).local(LEFT).remote(RIGHT).build();
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
