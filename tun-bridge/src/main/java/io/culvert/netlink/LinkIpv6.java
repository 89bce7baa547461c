package io.culvert.netlink;

/**
 * What IPv6 a device has.
 *
 * @param isOn whether it can have addresses: not with an MTU below 1280, nor where {@code
 *     disable_ipv6} is set
 * @param addressMode how the kernel makes it a link-local address, as {@code ip link} shows it
 *     ({@code addrgenmode}); -1 where there is no IPv6 at all
 */
public record LinkIpv6(boolean isOn, int addressMode) {
    // linux/if_link.h
    public static final int IN6_ADDR_GEN_MODE_EUI64 = 0;
    public static final int IN6_ADDR_GEN_MODE_NONE = 1;
    public static final int IN6_ADDR_GEN_MODE_STABLE_PRIVACY = 2;
    public static final int IN6_ADDR_GEN_MODE_RANDOM = 3;

    /** None at all. */
    public static final LinkIpv6 NONE = new LinkIpv6(false, -1);

    private static final int DEVCONF_DISABLE_IPV6 = 26; // linux/ipv6.h

    static LinkIpv6 read(NetlinkAttributes attributes) {
        int mode = attributes.u8(Rtnetlink.IFLA_INET6_ADDR_GEN_MODE, -1);
        int disabled = attributes.u32At(Rtnetlink.IFLA_INET6_CONF, DEVCONF_DISABLE_IPV6, 0);
        return mode < 0 ? NONE : new LinkIpv6(disabled == 0, mode);
    }
}
