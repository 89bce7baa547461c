package io.culvert.doctor.firewall;

/** What connection tracking makes of a packet. */
public enum ConnectionState {
    /** The first of its kind. */
    NEW,
    /** One of a flow that went the other way before. */
    ESTABLISHED
}
