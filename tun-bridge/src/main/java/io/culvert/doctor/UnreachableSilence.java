package io.culvert.doctor;

/**
 * The rules that keep this host from telling a peer that nobody takes its packets. Other errors
 * must pass, above all "fragmentation needed", which path MTU discovery lives by.
 */
public final class UnreachableSilence {
    private UnreachableSilence() {}

    /**
     * The commands, one per line.
     *
     * @param remote the peer's address; empty for all peers
     */
    public static String commands(String remote) {
        return "nft add table ip culvert\n"
                + "nft 'add chain ip culvert out { type filter hook output priority 0 ; }'\n"
                + "nft 'add rule ip culvert out icmp type destination-unreachable icmp code"
                + " { prot-unreachable, port-unreachable }"
                + (remote.isEmpty() ? "" : " ip daddr " + remote)
                + " drop'";
    }
}
