package io.culvert.netlink;

/**
 * What a network device lost, as {@code ip -s link} and {@code tc -s qdisc} show it: since it was
 * made, whoever held it.
 *
 * @param transmitQueue packets that may wait for it to send them ({@code txqueuelen})
 * @param receivedDropped packets that came from it and the host dropped at once
 * @param sentDropped packets that were to be sent by it and found its queue full
 * @param qdiscDropped packets that its queueing discipline dropped before that
 */
public record LinkCounts(
        int transmitQueue, long receivedDropped, long sentDropped, long qdiscDropped) {
    // struct rtnl_link_stats64, linux/if_link.h
    private static final int RX_DROPPED = 48;
    private static final int TX_DROPPED = 56;

    // struct tcmsg, linux/rtnetlink.h: u8 family, u8, u16, int index, u32 handle, u32 parent, u32
    private static final int TCMSG_LENGTH = 20;
    private static final int TC_H_ROOT = 0xffff_ffff; // linux/pkt_sched.h
    private static final int TCA_STATS2 = 7; // linux/rtnetlink.h
    private static final int TCA_STATS_QUEUE = 3; // linux/gen_stats.h
    private static final int QUEUE_DROPS = 2; // struct gnet_stats_queue, linux/gen_stats.h

    /** Nothing lost yet. */
    public static final LinkCounts NONE = new LinkCounts(0, 0, 0, 0);

    /** What was lost since an earlier moment. */
    public LinkCounts since(LinkCounts earlier) {
        return new LinkCounts(
                transmitQueue,
                receivedDropped - earlier.receivedDropped,
                sentDropped - earlier.sentDropped,
                qdiscDropped - earlier.qdiscDropped);
    }

    /** The question for one device with its counts. */
    static NetlinkRequest question(int index) {
        return Link.request(Rtnetlink.RTM_GETLINK, 0, index, 0, 0);
    }

    static LinkCounts read(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributesFrom(Rtnetlink.IFINFOMSG_LENGTH);
        return new LinkCounts(
                attributes.u32(Rtnetlink.IFLA_TXQLEN, 0),
                attributes.u64At(Rtnetlink.IFLA_STATS64, RX_DROPPED, 0),
                attributes.u64At(Rtnetlink.IFLA_STATS64, TX_DROPPED, 0),
                0);
    }

    /**
     * The question for a device's own queueing discipline, whose counts are those of its parts as
     * well. A dump would be of all devices.
     */
    static NetlinkRequest qdiscQuestion(int index) {
        return new NetlinkRequest(Rtnetlink.RTM_GETQDISC, Rtnetlink.NLM_F_ECHO)
                .u32(Rtnetlink.AF_UNSPEC)
                .u32(index)
                .u32(0)
                .u32(TC_H_ROOT)
                .u32(0);
    }

    /** The same with what a device's queueing discipline dropped. */
    LinkCounts withQdisc(NetlinkMessage message) {
        int drops =
                message.attributesFrom(TCMSG_LENGTH)
                        .nested(TCA_STATS2)
                        .u32At(TCA_STATS_QUEUE, QUEUE_DROPS, 0);
        return new LinkCounts(
                transmitQueue, receivedDropped, sentDropped, Integer.toUnsignedLong(drops));
    }
}
