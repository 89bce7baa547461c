package io.culvert.wire;

import java.util.Map;

/** The protocol types that a GRE header names its payload with (RFC 2784 §2.4), and their names. */
public final class EtherType {
    public static final int IPV4 = 0x0800;
    public static final int ARP = 0x0806;

    /** A VLAN tag (IEEE 802.1Q §9.6), and a service provider's (802.1ad). */
    public static final int VLAN = 0x8100;

    public static final int SERVICE_VLAN = 0x88a8;

    /** Transparent Ethernet bridging: the payload is an Ethernet frame (RFC 1701, gretap). */
    public static final int TEB = 0x6558;

    public static final int IPV6 = 0x86dd;

    /** MPLS with a downstream-assigned label (RFC 3032 §5). */
    public static final int MPLS = 0x8847;

    /** MPLS with an upstream-assigned label (RFC 5332 §3). */
    public static final int MPLS_UPSTREAM = 0x8848;

    /** Web Cache Communication Protocol: IPv4, sometimes behind a four-byte redirect header. */
    public static final int WCCP = 0x883e;

    /** ERSPAN type I without a sequence number, type II with one. */
    public static final int ERSPAN = 0x88be;

    /** ERSPAN type III. */
    public static final int ERSPAN_III = 0x22eb;

    /** Next Hop Resolution Protocol (RFC 2332). */
    public static final int NHRP = 0x2001;

    /** PPP in GRE version 1 (RFC 2637 §4.1). */
    public static final int PPP = 0x880b;

    /** Cisco's metadata, such as a security group tag, before another protocol. */
    public static final int CISCO_METADATA = 0x8909;

    /** What the inner header of a Cisco keepalive carries: no protocol at all. */
    public static final int KEEPALIVE = 0x0000;

    /** MikroTik's Ethernet over IP, in GRE version 1. */
    public static final int EOIP = 0x6400;

    /** The OSI network layer over GRE, which today is IS-IS. */
    public static final int OSI = 0x00fe;

    private static final Map<Integer, String> NAMES =
            Map.ofEntries(
                    Map.entry(KEEPALIVE, "none: a keepalive"),
                    Map.entry(OSI, "IS-IS"),
                    Map.entry(IPV4, "IPv4"),
                    Map.entry(ARP, "ARP"),
                    Map.entry(0x2000, "CDP"),
                    Map.entry(NHRP, "NHRP"),
                    Map.entry(ERSPAN_III, "ERSPAN III"),
                    Map.entry(EOIP, "EoIP"),
                    Map.entry(TEB, "Ethernet"),
                    Map.entry(VLAN, "VLAN"),
                    Map.entry(SERVICE_VLAN, "service VLAN"),
                    Map.entry(IPV6, "IPv6"),
                    Map.entry(PPP, "PPP"),
                    Map.entry(WCCP, "WCCP"),
                    Map.entry(MPLS, "MPLS"),
                    Map.entry(MPLS_UPSTREAM, "MPLS, upstream label"),
                    Map.entry(ERSPAN, "ERSPAN I or II"),
                    Map.entry(0x88cc, "LLDP"),
                    Map.entry(CISCO_METADATA, "Cisco metadata"),
                    Map.entry(0x894f, "NSH"),
                    Map.entry(0x9000, "loopback test"));

    private EtherType() {}

    /** What people call the type; empty where it has no name here. */
    public static String name(int type) {
        return NAMES.getOrDefault(type, "");
    }
}
