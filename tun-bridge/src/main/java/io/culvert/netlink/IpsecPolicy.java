package io.culvert.netlink;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Packets that IPsec has a word in, and may encrypt, demand to be encrypted, or refuse, as {@code
 * ip xfrm policy} shows it.
 *
 * <p>What it says of ports, devices and firewall marks is left out: of packets that may be meant,
 * it is the safe side.
 *
 * @param isOutbound whether it is for packets that this host sends, or for those that it receives
 * @param protocol IP protocol number; 0 for all
 * @param isPassThrough whether packets pass as they are
 */
public record IpsecPolicy(
        boolean isOutbound,
        IpPrefix source,
        IpPrefix destination,
        int protocol,
        boolean isPassThrough) {

    /** Whether it is for packets of the protocol between the two. */
    public boolean isFor(InetAddress from, InetAddress to, int packetProtocol) {
        return source.contains(from)
                && destination.contains(to)
                && (protocol == 0 || protocol == packetProtocol);
    }

    /** As {@code ip xfrm policy} writes it: {@code src 0.0.0.0/0 dst 192.0.2.2/32 dir out}. */
    public String words() {
        return "src %s dst %s %sdir %s"
                .formatted(
                        source,
                        destination,
                        protocol == 0 ? "" : "proto " + protocol + " ",
                        isOutbound ? "out" : "in");
    }

    /**
     * Reads a policy.
     *
     * @return {@code null} for one that no packet meets that this host sends or receives: of what
     *     it forwards, of one program's socket, or of an XFRM device
     */
    static IpsecPolicy read(NetlinkMessage message) {
        if (message.type() != Xfrm.XFRM_MSG_NEWPOLICY || !message.holds(Xfrm.POLICY_LENGTH)) {
            return null;
        }
        int direction = message.u8(Xfrm.POLICY_DIRECTION);
        boolean isOutbound = direction == Xfrm.XFRM_POLICY_OUT;
        NetlinkAttributes attributes = message.attributesFrom(Xfrm.POLICY_LENGTH);
        if (!isOutbound && direction != Xfrm.XFRM_POLICY_IN || attributes.has(Xfrm.XFRMA_IF_ID)) {
            return null;
        }
        boolean blocks = message.u8(Xfrm.POLICY_ACTION) == Xfrm.XFRM_POLICY_BLOCK;
        return new IpsecPolicy(
                isOutbound,
                prefix(message, Xfrm.SELECTOR_SOURCE, Xfrm.SELECTOR_SOURCE_LENGTH),
                prefix(message, Xfrm.SELECTOR_DESTINATION, Xfrm.SELECTOR_DESTINATION_LENGTH),
                message.u8(Xfrm.SELECTOR_PROTOCOL),
                !blocks && !attributes.has(Xfrm.XFRMA_TMPL));
    }

    /** Reads what becomes of IPv4 packets that no policy is for: nothing, unless it is refused. */
    static List<IpsecPolicy> readDefaults(NetlinkMessage message) {
        List<IpsecPolicy> refusing = new ArrayList<>();
        if (message.type() == Xfrm.XFRM_MSG_GETDEFAULT && message.holds(Xfrm.DEFAULT_LENGTH)) {
            IpPrefix all = IpPrefix.everything(false);
            if (message.u8(Xfrm.DEFAULT_OUT) == Xfrm.XFRM_USERPOLICY_BLOCK) {
                refusing.add(new IpsecPolicy(true, all, all, 0, false));
            }
            if (message.u8(Xfrm.DEFAULT_IN) == Xfrm.XFRM_USERPOLICY_BLOCK) {
                refusing.add(new IpsecPolicy(false, all, all, 0, false));
            }
        }
        return refusing;
    }

    private static IpPrefix prefix(NetlinkMessage message, int addressAt, int lengthAt) {
        boolean isIpv6 = message.u16(Xfrm.SELECTOR_FAMILY) == Rtnetlink.AF_INET6;
        return new IpPrefix(message.address(addressAt, isIpv6 ? 16 : 4), message.u8(lengthAt));
    }
}
