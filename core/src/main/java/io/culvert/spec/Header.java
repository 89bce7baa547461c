package io.culvert.spec;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;

/** What stands between a tunnel's outer IP header and its payload. */
public sealed interface Header permits Header.None, Gre {
    /** Bytes of the header of a packet that is sent. */
    int lengthBytes();

    /**
     * The protocol number or next header that the outer IP header has.
     *
     * @param innerVersion 4 or 6; of no meaning for a payload that is not IP
     */
    int outerProtocol(int innerVersion);

    /** Whether the tunnel may carry Ethernet frames. */
    boolean carriesEthernet();

    /** The GRE options; those of a header that has none where it is not GRE. */
    default Gre gre() {
        return Gre.PLAIN;
    }

    /** Nothing: IP directly in IP (RFC 2003, RFC 4213, RFC 2473). */
    record None() implements Header {
        @Override
        public int lengthBytes() {
            return 0;
        }

        @Override
        public int outerProtocol(int innerVersion) {
            return innerVersion == IpVersion.IPV6 ? IpProtocol.IPV6 : IpProtocol.IPIP;
        }

        @Override
        public boolean carriesEthernet() {
            return false;
        }
    }
}
