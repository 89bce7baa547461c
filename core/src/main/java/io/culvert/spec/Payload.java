package io.culvert.spec;

import io.culvert.wire.EthernetHeader;
import io.culvert.wire.IpVersion;

/** What a tunnel carries. */
public enum Payload {
    /** IPv4 packets. */
    IPV4(true, false),
    /** IPv6 packets. */
    IPV6(false, true),
    /** IPv4 and IPv6 packets. */
    IP(true, true),
    /** Ethernet frames, without their check sequence. */
    ETHERNET(true, true);

    private final boolean carriesIpv4;
    private final boolean carriesIpv6;

    Payload(boolean carriesIpv4, boolean carriesIpv6) {
        this.carriesIpv4 = carriesIpv4;
        this.carriesIpv6 = carriesIpv6;
    }

    /**
     * Whether IP packets of this version are carried, be it in Ethernet frames.
     *
     * @param ipVersion 4 or 6
     */
    public boolean carries(int ipVersion) {
        return ipVersion == IpVersion.IPV4 ? carriesIpv4 : carriesIpv6;
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
