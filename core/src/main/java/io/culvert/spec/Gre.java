package io.culvert.spec;

import io.culvert.wire.GreHeader;
import io.culvert.wire.IpProtocol;
import java.util.OptionalInt;

/**
 * A GRE header (RFC 2784, RFC 2890). Immutable.
 *
 * @param inputKey the key that received packets must have
 * @param outputKey the key that sent packets carry
 * @param inputChecksum whether received packets must have a checksum; without it they must not
 * @param outputChecksum whether sent packets carry a checksum
 * @param inputSequence whether received packets must be numbered and in order
 * @param outputSequence whether sent packets are numbered, from 0
 */
public record Gre(
        OptionalInt inputKey,
        OptionalInt outputKey,
        boolean inputChecksum,
        boolean outputChecksum,
        boolean inputSequence,
        boolean outputSequence)
        implements Header {

    /** The header of four bytes. */
    public static final Gre PLAIN =
            new Gre(OptionalInt.empty(), OptionalInt.empty(), false, false, false, false);

    @Override
    public int lengthBytes() {
        return GreHeader.lengthBytes(outputChecksum, outputKey.isPresent(), outputSequence);
    }

    @Override
    public int outerProtocol(int innerVersion) {
        return IpProtocol.GRE;
    }

    @Override
    public boolean carriesEthernet() {
        return true;
    }

    @Override
    public Gre gre() {
        return this;
    }
}
