package io.culvert.netlink;

import java.net.InetAddress;

/**
 * An entry of the kernel's neighbour tables: who has an IP address on a link, as {@code ip neigh}
 * shows it.
 *
 * @param index index of the link's device
 * @param address the IP address on the link
 * @param state how sure the kernel is
 * @param linkAddress the 48 bits of its Ethernet address, or {@link #NO_LINK_ADDRESS}
 * @param isKeptByOthers whether a routing daemon (NTF_EXT_LEARNED) or the kernel on its own account
 *     (NTF_EXT_MANAGED) keeps the entry fresh
 */
public record Neighbour(
        int index,
        InetAddress address,
        NeighbourState state,
        long linkAddress,
        boolean isKeptByOthers) {

    /** There is no address, or none of 6 bytes. */
    public static final long NO_LINK_ADDRESS = -1;

    // struct ndmsg, linux/neighbour.h: u8 family, 3 bytes padding, int index, u16 state, u8 flags,
    // u8 type
    private static final int FAMILY = 0;
    private static final int INDEX = 4;
    private static final int STATE = 8;
    private static final int FLAGS = 10;

    /** Whether packets can be sent to the address on the link. */
    public boolean isUsable() {
        return state.isUsable() && linkAddress != NO_LINK_ADDRESS;
    }

    /** An Ethernet address as {@code ip link} prints it: {@code 02:00:00:00:00:01}. */
    public static String linkText(long linkAddress) {
        StringBuilder text = new StringBuilder();
        for (int shift = 40; shift >= 0; shift -= 8) {
            text.append("%02x".formatted(linkAddress >> shift & 0xff));
            text.append(shift > 0 ? ":" : "");
        }
        return text.toString();
    }

    /**
     * Reads a neighbour message.
     *
     * @return {@code null} for one that is not about an IP address: a bridge tells of its
     *     forwarding table by the same types
     */
    static Neighbour read(NetlinkMessage message) {
        if (!message.holds(Rtnetlink.NDMSG_LENGTH)) {
            return null;
        }
        int family = message.u8(FAMILY);
        NetlinkAttributes attributes = message.attributesFrom(Rtnetlink.NDMSG_LENGTH);
        InetAddress address = attributes.address(Rtnetlink.NDA_DST);
        boolean isIp = family == Rtnetlink.AF_INET || family == Rtnetlink.AF_INET6;
        if (!isIp || address == null) {
            return null;
        }
        int extendedFlags = attributes.u32(Rtnetlink.NDA_FLAGS_EXT, 0);
        return new Neighbour(
                message.u32(INDEX),
                address,
                NeighbourState.of(message.u16(STATE)),
                attributes.u48(Rtnetlink.NDA_LLADDR, NO_LINK_ADDRESS),
                (message.u8(FLAGS) & Rtnetlink.NTF_EXT_LEARNED) != 0
                        || (extendedFlags & Rtnetlink.NTF_EXT_MANAGED) != 0);
    }

    /** What {@code ip neigh get ADDRESS dev DEV} sends. */
    static NetlinkRequest question(int index, InetAddress address) {
        return request(Rtnetlink.RTM_GETNEIGH, 0, index, Rtnetlink.family(address), 0)
                .attribute(Rtnetlink.NDA_DST, address);
    }

    /** What {@code ip neigh show} sends for a family. */
    static NetlinkRequest questionForAll(int family) {
        return request(Rtnetlink.RTM_GETNEIGH, Rtnetlink.NLM_F_DUMP, 0, family, 0);
    }

    /**
     * What {@code ip neigh replace ADDRESS dev DEV use} sends, but for the state: {@code ip} names
     * PERMANENT, by which a new entry would never be collected.
     */
    static NetlinkRequest useRequest(int index, InetAddress address) {
        int family = Rtnetlink.family(address);
        return request(
                        Rtnetlink.RTM_NEWNEIGH,
                        Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_REPLACE,
                        index,
                        family,
                        Rtnetlink.NTF_USE)
                .attribute(Rtnetlink.NDA_DST, address);
    }

    private static NetlinkRequest request(
            int type, int requestFlags, int index, int family, int neighbourFlags) {
        return new NetlinkRequest(type, requestFlags)
                .u8(family)
                .u8(0)
                .u16(0)
                .u32(index)
                .u16(0)
                .u8(neighbourFlags)
                .u8(0);
    }
}
