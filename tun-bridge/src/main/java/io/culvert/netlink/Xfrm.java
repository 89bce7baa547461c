package io.culvert.netlink;

/** The numbers of IPsec's netlink under the names of the kernel's headers. */
final class Xfrm {
    static final int NETLINK_XFRM = 6; // linux/netlink.h

    // linux/xfrm.h: messages and their multicast groups
    static final int XFRM_MSG_NEWPOLICY = 0x13;
    static final int XFRM_MSG_GETPOLICY = 0x15;
    static final int XFRM_MSG_GETDEFAULT = 0x28;
    static final int XFRMNLGRP_POLICY = 4;

    // linux/xfrm.h: struct xfrm_userpolicy_info, which begins with a struct xfrm_selector
    static final int SELECTOR_DESTINATION = 0;
    static final int SELECTOR_SOURCE = 16;
    static final int SELECTOR_FAMILY = 40;
    static final int SELECTOR_DESTINATION_LENGTH = 42;
    static final int SELECTOR_SOURCE_LENGTH = 43;
    static final int SELECTOR_PROTOCOL = 44;
    static final int POLICY_DIRECTION = 160;
    static final int POLICY_ACTION = 161;
    static final int POLICY_LENGTH = 168;

    static final int XFRM_POLICY_IN = 0;
    static final int XFRM_POLICY_OUT = 1;
    static final int XFRM_POLICY_BLOCK = 1;

    static final int XFRMA_TMPL = 5;
    static final int XFRMA_IF_ID = 31;

    // linux/xfrm.h: struct xfrm_userpolicy_default: u8 in, forward, out
    static final int DEFAULT_IN = 0;
    static final int DEFAULT_OUT = 2;
    static final int DEFAULT_LENGTH = 3;
    static final int XFRM_USERPOLICY_BLOCK = 1;

    private Xfrm() {}
}
