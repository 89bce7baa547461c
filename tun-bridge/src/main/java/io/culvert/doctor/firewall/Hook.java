package io.culvert.doctor.firewall;

import java.util.List;

/** A packet's way through the host, by the hooks that it passes. */
public enum Hook {
    /** From the wire to a socket of this host. */
    INBOUND("INPUT", "ingress", "prerouting", "input"),
    /** From a socket of this host to the wire. */
    OUTBOUND("OUTPUT", "output", "postrouting", "egress"),
    /** From one device to another. */
    FORWARDED("FORWARD", "forward");

    private final String iptablesChain;
    private final List<String> hooks;

    Hook(String iptablesChain, String... hooks) {
        this.iptablesChain = iptablesChain;
        this.hooks = List.of(hooks);
    }

    String iptablesChain() {
        return iptablesChain;
    }

    /** nftables' names of the hooks on this way. */
    List<String> hooks() {
        return hooks;
    }
}
