package io.culvert.spec;

import io.culvert.wire.EthernetHeader;

/** What a tunnel carries. */
public enum Payload {
    /** IPv4 packets. */
    IPV4,
    /** IPv6 packets. */
    IPV6,
    /** IPv4 and IPv6 packets. */
    IP,
    /** Ethernet frames, without their check sequence. */
    ETHERNET;

    /**
     * Whether IP packets of this version are carried, be it in Ethernet frames.
     *
     * @param ipVersion 4 or 6
     */
    public boolean carries(int ipVersion) {
        return switch (this) {
            case IPV4 -> ipVersion == 4;
            case IPV6 -> ipVersion == 6;
            case IP, ETHERNET -> ipVersion == 4 || ipVersion == 6;
        };
    }

    /** Whether the tunnel's device is an Ethernet one (a TAP device). */
    public boolean isEthernet() {
        return this == ETHERNET;
    }

    /** Bytes of the payload's own link header, which the device's MTU does not count. */
    public int linkHeaderBytes() {
        return isEthernet() ? EthernetHeader.LENGTH : 0;
    }
}
