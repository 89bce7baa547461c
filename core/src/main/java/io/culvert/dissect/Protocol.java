package io.culvert.dissect;

/** What a layer of a packet is. */
public enum Protocol {
    ETHERNET("Ethernet"),
    LINUX_SLL("Linux cooked capture"),
    LINUX_SLL2("Linux cooked capture v2"),
    LOOPBACK("loopback"),
    VLAN("VLAN"),
    ARP("ARP"),
    MPLS("MPLS"),
    IPV4("IPv4"),
    IPV6("IPv6"),
    IPV6_HOP_BY_HOP("IPv6 hop-by-hop options"),
    IPV6_ROUTING("IPv6 routing"),
    IPV6_FRAGMENT("IPv6 fragment"),
    IPV6_DESTINATION_OPTIONS("IPv6 destination options"),
    GRE("GRE"),
    /** GRE version 1 (RFC 2637). */
    PPTP("GRE version 1 (PPTP)"),
    /** MikroTik's Ethernet over IP, in GRE version 1. */
    EOIP("EoIP"),
    PPP("PPP"),
    ERSPAN("ERSPAN"),
    WCCP("WCCP redirect"),
    CISCO_METADATA("Cisco metadata"),
    /** What a GRE header of protocol type 0 carries: nothing, mostly. */
    KEEPALIVE("Cisco GRE keepalive"),
    NHRP("NHRP"),
    GUE("GUE"),
    UDP("UDP"),
    TCP("TCP"),
    ICMP("ICMP"),
    ICMPV6("ICMPv6"),
    /** Bytes that nothing names. */
    DATA("data");

    private final String title;

    Protocol(String title) {
        this.title = title;
    }

    /** What people call it. */
    public String title() {
        return title;
    }

    /** Kebab-case, for programs: {@code gre}, {@code ipv6-fragment}. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    public boolean isIp() {
        return this == IPV4 || this == IPV6;
    }
}
