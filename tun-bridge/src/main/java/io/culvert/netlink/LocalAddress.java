package io.culvert.netlink;

import java.net.InetAddress;
import java.util.Objects;

/**
 * An address of this host.
 *
 * @param index index of the device that has it
 * @param linkName that device's name
 * @param address the address itself
 * @param prefixLengthBits length of the prefix that is reached through the device
 * @param peer the address at the other end of a point-to-point device; {@code null} when there is
 *     none
 * @param isGlobal whether other hosts may be meant to reach it: not of scope link or host
 * @param isKernels whether the kernel made it of itself, as it does with link-local ones; before
 *     Linux 5.18 it does not tell
 */
public record LocalAddress(
        int index,
        String linkName,
        InetAddress address,
        int prefixLengthBits,
        InetAddress peer,
        boolean isGlobal,
        boolean isKernels) {
    // struct ifaddrmsg, linux/if_addr.h: u8 family, u8 prefix length, u8 flags, u8 scope, u32 index
    private static final int PREFIX_LENGTH = 1;
    private static final int SCOPE = 3;
    private static final int INDEX = 4;

    /** One that an administrator gave to a device for others to reach. */
    public LocalAddress(
            int index,
            String linkName,
            InetAddress address,
            int prefixLengthBits,
            InetAddress peer) {
        this(index, linkName, address, prefixLengthBits, peer, true, false);
    }

    /** The address and where it is: {@code 192.0.2.1 (eth0)}. */
    public String words() {
        return IpPrefix.text(address) + " (" + linkName + ")";
    }

    /** Whether the other one is this very address of this very device. */
    boolean isSame(LocalAddress other) {
        return index == other.index
                && prefixLengthBits == other.prefixLengthBits
                && address.equals(other.address)
                && Objects.equals(peer, other.peer);
    }

    LocalAddress withLinkName(String name) {
        return new LocalAddress(index, name, address, prefixLengthBits, peer, isGlobal, isKernels);
    }

    /**
     * Reads an address message; the device's name is not in it. IPv6 without a peer has only
     * IFA_ADDRESS, and for IPv4 the two are equal then.
     *
     * @return {@code null} for a message without an IP address
     */
    static LocalAddress read(NetlinkMessage message) {
        if (!message.holds(Rtnetlink.IFADDRMSG_LENGTH)) {
            return null;
        }
        NetlinkAttributes attributes = message.attributesFrom(Rtnetlink.IFADDRMSG_LENGTH);
        InetAddress remote = attributes.address(Rtnetlink.IFA_ADDRESS);
        InetAddress local = attributes.address(Rtnetlink.IFA_LOCAL);
        if (local == null) {
            local = remote;
        }
        if (local == null) {
            return null;
        }
        return new LocalAddress(
                message.u32(INDEX),
                "",
                local,
                message.u8(PREFIX_LENGTH),
                local.equals(remote) ? null : remote,
                message.u8(SCOPE) < Rtnetlink.RT_SCOPE_LINK,
                attributes.u8(Rtnetlink.IFA_PROTO, 0) == Rtnetlink.IFAPROT_KERNEL_LL);
    }

    /**
     * What {@code ip addr add} sends: no broadcast address, which is there only where somebody asks
     * for one, and the host's own scope for 127.0.0.0/8.
     *
     * <p>No IFA_F_NODAD for IPv6: the kernel runs no duplicate address detection on a device
     * without neighbours (IFF_NOARP), as TUN devices are, so the address can be used at once; on
     * others it should run.
     */
    NetlinkRequest additionRequest() {
        return request(Rtnetlink.RTM_NEWADDR, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL);
    }

    /** What {@code ip addr del} sends. */
    NetlinkRequest removalRequest() {
        return request(Rtnetlink.RTM_DELADDR, 0);
    }

    private NetlinkRequest request(int type, int flags) {
        boolean isHostScope = address.isLoopbackAddress() && address.getAddress().length == 4;
        NetlinkRequest request =
                new NetlinkRequest(type, flags)
                        .u8(Rtnetlink.family(address))
                        .u8(prefixLengthBits)
                        .u8(0)
                        .u8(isHostScope ? Rtnetlink.RT_SCOPE_HOST : Rtnetlink.RT_SCOPE_UNIVERSE)
                        .u32(index)
                        .attribute(Rtnetlink.IFA_LOCAL, address)
                        .attribute(Rtnetlink.IFA_ADDRESS, peer == null ? address : peer);
        return isKernels
                ? request.attributeOfOctet(Rtnetlink.IFA_PROTO, Rtnetlink.IFAPROT_KERNEL_LL)
                : request;
    }
}
