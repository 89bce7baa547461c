package io.culvert.linux;

/**
 * Where the fields of the kernel's structs lie, on 64-bit Linux: x86_64 and aarch64 lay them out
 * alike. {@link AbiProbe} checks them on the running machine.
 *
 * <p>A name is the struct's, then the field's without the prefix that C gave it. Values are in the
 * machine's byte order but for those that say otherwise.
 */
public final class Abi {
    // struct iovec -- linux/uio.h
    public static final int IOVEC_BASE = 0;
    public static final int IOVEC_LEN = 8;
    public static final int IOVEC_BYTES = 16;

    // struct msghdr -- sys/socket.h
    public static final int MSGHDR_NAME = 0;
    public static final int MSGHDR_NAMELEN = 8;
    public static final int MSGHDR_IOV = 16;
    public static final int MSGHDR_IOVLEN = 24;
    public static final int MSGHDR_CONTROL = 32;
    public static final int MSGHDR_CONTROLLEN = 40;
    public static final int MSGHDR_BYTES = 56;

    // struct mmsghdr -- sys/socket.h; a msghdr, and how much of the message there was
    public static final int MMSGHDR_LEN = 56;
    public static final int MMSGHDR_BYTES = 64;

    // struct cmsghdr -- sys/socket.h
    public static final int CMSGHDR_LEN = 0;
    public static final int CMSGHDR_LEVEL = 8;
    public static final int CMSGHDR_TYPE = 12;
    public static final int CMSGHDR_BYTES = 16;

    // struct sockaddr_in -- netinet/in.h; the address is in network order
    public static final int SOCKADDR_IN_FAMILY = 0;
    public static final int SOCKADDR_IN_ADDR = 4;
    public static final int SOCKADDR_IN_BYTES = 16;

    // struct sockaddr_in6 -- netinet/in.h; the address is in network order
    public static final int SOCKADDR_IN6_FAMILY = 0;
    public static final int SOCKADDR_IN6_ADDR = 8;
    public static final int SOCKADDR_IN6_BYTES = 28;

    // struct sockaddr_ll -- linux/if_packet.h; the protocol is in network order
    public static final int SOCKADDR_LL_FAMILY = 0;
    public static final int SOCKADDR_LL_PROTOCOL = 2;
    public static final int SOCKADDR_LL_IFINDEX = 4;
    public static final int SOCKADDR_LL_HALEN = 11;
    public static final int SOCKADDR_LL_ADDR = 12;
    public static final int SOCKADDR_LL_BYTES = 20;

    // struct tpacket_req -- linux/if_packet.h
    public static final int TPACKET_REQ_BLOCK_SIZE = 0;
    public static final int TPACKET_REQ_BLOCK_NR = 4;
    public static final int TPACKET_REQ_FRAME_SIZE = 8;
    public static final int TPACKET_REQ_FRAME_NR = 12;
    public static final int TPACKET_REQ_BYTES = 16;

    // struct tpacket2_hdr -- linux/if_packet.h; a sockaddr_ll follows it
    public static final int TPACKET2_HDR_STATUS = 0;
    public static final int TPACKET2_HDR_LEN = 4;
    public static final int TPACKET2_HDR_SNAPLEN = 8;
    public static final int TPACKET2_HDR_NET = 14;
    public static final int TPACKET2_HDR_BYTES = 32;

    // struct tpacket_stats -- linux/if_packet.h
    public static final int TPACKET_STATS_DROPS = 4;
    public static final int TPACKET_STATS_BYTES = 8;

    // struct in_pktinfo -- linux/in.h; addresses in network order
    public static final int IN_PKTINFO_IFINDEX = 0;
    public static final int IN_PKTINFO_BYTES = 12;

    // struct in6_pktinfo -- linux/ipv6.h; the address is in network order
    public static final int IN6_PKTINFO_ADDR = 0;
    public static final int IN6_PKTINFO_IFINDEX = 16;
    public static final int IN6_PKTINFO_BYTES = 20;

    // struct sock_extended_err -- linux/errqueue.h; the offender's sockaddr follows it
    public static final int SOCK_EXTENDED_ERR_ERRNO = 0;
    public static final int SOCK_EXTENDED_ERR_ORIGIN = 4;
    public static final int SOCK_EXTENDED_ERR_TYPE = 5;
    public static final int SOCK_EXTENDED_ERR_CODE = 6;
    public static final int SOCK_EXTENDED_ERR_INFO = 8;
    public static final int SOCK_EXTENDED_ERR_BYTES = 16;

    // struct ifreq -- linux/if.h
    public static final int IFREQ_NAME = 0;
    public static final int IFREQ_FLAGS = 16;
    public static final int IFREQ_BYTES = 40;

    /** Bytes of an interface's name with its closing NUL. */
    public static final int IFNAMSIZ = 16; // linux/if.h

    // struct sock_fprog, struct sock_filter -- linux/filter.h
    public static final int SOCK_FPROG_LEN = 0;
    public static final int SOCK_FPROG_FILTER = 8;
    public static final int SOCK_FPROG_BYTES = 16;
    public static final int SOCK_FILTER_CODE = 0;
    public static final int SOCK_FILTER_SKIP_IF_TRUE = 2;
    public static final int SOCK_FILTER_SKIP_IF_FALSE = 3;
    public static final int SOCK_FILTER_K = 4;
    public static final int SOCK_FILTER_BYTES = 8;

    // struct ucred -- linux/socket.h
    public static final int UCRED_PID = 0;
    public static final int UCRED_BYTES = 12;

    // asm/unistd.h: numbered by each processor's own table
    static final int SYS_BPF = "aarch64".equals(System.getProperty("os.arch")) ? 280 : 321;

    private Abi() {}

    /** {@code CMSG_LEN}: what a control message's length field says for so much data. */
    public static int controlLength(int dataBytes) {
        return CMSGHDR_BYTES + dataBytes;
    }

    /** {@code CMSG_SPACE}: the room that a control message takes up with its padding. */
    public static int controlSpace(int dataBytes) {
        return CMSGHDR_BYTES + (dataBytes + 7 & -8);
    }
}
