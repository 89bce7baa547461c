package io.culvert.netlink;

import io.culvert.linux.Capability;
import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import java.util.List;

/**
 * All that came back for one request.
 *
 * @param messages the answer; empty for a change
 * @param errno 0 when the kernel did as it was asked
 * @param kernelWords the kernel's own sentence about an error (its extended acknowledgement), or
 *     empty
 */
record NetlinkReply(List<NetlinkMessage> messages, int errno, String kernelWords) {

    /** Reads the end of an answer: NLMSG_ERROR, also when it says "no error", or NLMSG_DONE. */
    static NetlinkReply ended(List<NetlinkMessage> messages, NetlinkMessage end) {
        int attributesAt = Integer.BYTES;
        if (end.type() == Rtnetlink.NLMSG_ERROR) {
            int quotedRequest = Rtnetlink.NLMSG_HEADER_LENGTH;
            if ((end.flags() & Rtnetlink.NLM_F_CAPPED) == 0 && end.holds(Integer.BYTES * 2)) {
                quotedRequest = NetlinkMessage.aligned(end.u32(Integer.BYTES));
            }
            attributesAt += quotedRequest;
        }
        String words = "";
        if ((end.flags() & Rtnetlink.NLM_F_ACK_TLVS) != 0) {
            words = end.attributesFrom(attributesAt).text(Rtnetlink.NLMSGERR_ATTR_MSG);
        }
        int errno = end.holds(Integer.BYTES) ? -end.u32(0) : 0;
        return new NetlinkReply(messages, errno, words);
    }

    boolean failed() {
        return errno != 0;
    }

    /** The only message of an answer that is one message. */
    NetlinkMessage only() {
        return messages.get(0);
    }

    /**
     * The error as an exception.
     *
     * @param what what was tried and on what
     * @param hint what to do about it, or empty to have the usual one for the error
     */
    LinuxException exception(String what, String hint) {
        String advice = hint.isEmpty() ? usualHint() : hint;
        String said = kernelWords.isEmpty() ? "" : "the kernel says: " + kernelWords;
        String between = said.isEmpty() || advice.isEmpty() ? "" : "; ";
        return new LinuxException(what, errno, said + between + advice);
    }

    private String usualHint() {
        return switch (errno) {
            case Errno.EPERM -> Capability.NET_ADMIN.hint();
            case Errno.ENODEV -> "it was deleted or moved to another namespace";
            case Errno.ENETDOWN -> "set the device up first";
            default -> "";
        };
    }
}
