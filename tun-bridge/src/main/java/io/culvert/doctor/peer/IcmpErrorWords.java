package io.culvert.doctor.peer;

import io.culvert.doctor.Rerun;
import io.culvert.netlink.IpPrefix;
import io.culvert.spec.Gre;
import io.culvert.spec.Outer;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Ipv4Address;
import java.net.Inet4Address;

/** What ICMP errors about a tunnel's packets are called, mean, and ask for. */
final class IcmpErrorWords {
    private IcmpErrorWords() {}

    static boolean isTooBig(IcmpSight error) {
        return isUnreachable(error) && error.code() == Icmpv4Message.FRAGMENTATION_NEEDED;
    }

    private static boolean isUnreachable(IcmpSight error) {
        return error.type() == Icmpv4Message.DESTINATION_UNREACHABLE;
    }

    /** What it says and who: {@code protocol unreachable (3/2) from 192.0.2.2}. */
    static String of(IcmpSight error) {
        return kind(error) + " from " + Ipv4Address.format(error.from());
    }

    static String kind(IcmpSight error) {
        String numbers = " (" + error.type() + "/" + error.code() + ")";
        if (error.type() == Icmpv4Message.TIME_EXCEEDED) {
            return "time exceeded" + numbers;
        }
        if (!isUnreachable(error)) {
            return "ICMP" + numbers;
        }
        return switch (error.code()) {
                    case 0, 6, 11 -> "network unreachable";
                    case 1, 7, 12 -> "host unreachable";
                    case 2 -> "protocol unreachable";
                    case 3 -> "port unreachable";
                    case 9, 10, 13 -> "administratively prohibited";
                    default -> "destination unreachable";
                }
                + numbers;
    }

    static String id(IcmpSight error) {
        if (error.type() == Icmpv4Message.TIME_EXCEEDED) {
            return "ttl-exceeded";
        }
        if (!isUnreachable(error)) {
            return "icmp-error";
        }
        return switch (error.code()) {
            case 2 -> "peer-protocol-unreachable";
            case 3 -> "peer-port-unreachable";
            case 9, 10, 13 -> "peer-rejects";
            default -> "peer-unreachable";
        };
    }

    static String meaning(IcmpSight error, TunnelSpec spec) {
        return switch (id(error)) {
            case "peer-protocol-unreachable" ->
                    "our packets get there, and nobody receives this protocol: the tunnel is not"
                            + " up on the peer, or its kernel has no "
                            + spec.word()
                            + " module";
            case "peer-port-unreachable" ->
                    "our packets get there, and none of the peer's tunnels is for them: its remote"
                            + " must be the address that it sees us by, its local the one that we"
                            + " send to"
                            + (spec.header() instanceof Gre ? ", and its key ours" : "")
                            + ". Or a packet filter rejects them: iptables answers so by default";
            case "peer-rejects" ->
                    "a packet filter on the peer or in front of it rejects the tunnel's protocol";
            case "ttl-exceeded" ->
                    isTtlSmall(spec)
                            ? "the outer TTL is used up on the way: ttl "
                                    + spec.outer().ttl()
                                    + " does not reach the peer"
                            : "the outer TTL is used up on the way, and it was large enough:"
                                    + " routers send the packets in a circle";
            default -> "a router on the way has no route to the peer, or the peer is down";
        };
    }

    /** The doctor's own packets have 64 inside, and so outside where it is inherited. */
    private static boolean isTtlSmall(TunnelSpec spec) {
        return spec.outer().ttl() != Outer.TTL_INHERIT && spec.outer().ttl() < InnerEcho.TTL;
    }

    /**
     * @param ours the address that the peer sees us by, unless it is translated on the way
     */
    static String remedy(IcmpSight error, TunnelSpec spec, Inet4Address ours, Rerun rerun) {
        String local = ours.getHostAddress();
        String remote = IpPrefix.text(spec.remote());
        int protocol = error.quotedProtocol();
        return switch (id(error)) {
            case "peer-protocol-unreachable" -> "on the peer: " + rerun.atPeer(ours);
            case "peer-port-unreachable" ->
                    "on the peer: ip -d tunnel show    # compare remote, local"
                            + (spec.header() instanceof Gre ? " and key" : "");
            case "peer-rejects" ->
                    "on the peer: iptables -I INPUT -p %d -s %s -j ACCEPT"
                            .formatted(protocol, local);
            case "ttl-exceeded" ->
                    isTtlSmall(spec)
                            ? rerun.with("ttl 64", b -> b.ttl(64))
                            : "traceroute -n " + remote;
            default -> "traceroute -n " + remote;
        };
    }
}
