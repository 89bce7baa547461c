package io.culvert.dissect;

/** What the datagrams to a UDP port carry, since UDP does not say. */
public enum UdpPayload {
    /** Whatever it looks like: GRE, GUE, or an IP packet (foo over UDP). */
    GUESS,
    /** GRE, as in GRE-in-UDP (RFC 8086) and FOU with protocol 47. */
    GRE,
    /** Generic UDP encapsulation. */
    GUE,
    /** An IPv4 or IPv6 packet: FOU with protocol 4 or 41. */
    IP
}
