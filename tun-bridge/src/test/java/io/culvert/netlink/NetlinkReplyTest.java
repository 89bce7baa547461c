package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Capability;
import io.culvert.linux.Errno;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Ends of answers as Linux 6.18 sent them. The question was RTM_NEWLINK with IFLA_MTU 70000 for a
 * TUN device, with each combination of NETLINK_EXT_ACK and NETLINK_CAP_ACK.
 */
class NetlinkReplyTest {
    private static final String QUOTED_HEADER = "28000000 1000 0500 ed5e0000 00000000";
    private static final String QUOTED_REST =
            "00 00 0000 04000000 00000000 00000000 0800 0400 70110100";
    private static final String SENTENCE =
            "2400 0100 6d74752067726561746572207468616e20646576696365206d6178696d756d00";
    private static final String WHAT = "cannot set the MTU of tun0 to 70000";

    private static NetlinkReply ended(String... hexLines) {
        return NetlinkReply.ended(List.of(), Captured.message(hexLines));
    }

    @Test
    void anErrorHasTheKernelsSentence() {
        NetlinkReply reply =
                ended("48000000 0200 0003 ed5e0000 f1770000", "eaffffff", QUOTED_HEADER, SENTENCE);

        assertThat(reply.failed()).isTrue();
        assertThat(reply.errno()).isEqualTo(Errno.EINVAL);
        assertThat(reply.kernelWords()).isEqualTo("mtu greater than device maximum");
        assertThat(reply.exception(WHAT, ""))
                .hasMessage(
                        WHAT
                                + ": EINVAL (22): invalid argument;"
                                + " the kernel says: mtu greater than device maximum");
        assertThat(reply.exception(WHAT, "use 65535 or less"))
                .hasMessageEndingWith("device maximum; use 65535 or less");
    }

    @Test
    void theSentenceIsFoundBehindARequestThatIsQuotedInWhole() {
        NetlinkReply reply =
                ended(
                        "60000000 0200 0002 ed5e0000 f1770000",
                        "eaffffff",
                        QUOTED_HEADER,
                        QUOTED_REST,
                        SENTENCE);

        assertThat(reply.errno()).isEqualTo(Errno.EINVAL);
        assertThat(reply.kernelWords()).isEqualTo("mtu greater than device maximum");
    }

    @Test
    void aKernelWithoutSentencesStillGivesTheError() {
        NetlinkReply reply =
                ended(
                        "3c000000 0200 0000 ed5e0000 f1770000",
                        "eaffffff",
                        QUOTED_HEADER,
                        QUOTED_REST);

        assertThat(reply.errno()).isEqualTo(Errno.EINVAL);
        assertThat(reply.kernelWords()).isEmpty();
        assertThat(reply.exception(WHAT, "")).hasMessage(WHAT + ": EINVAL (22): invalid argument");
    }

    @Test
    void anAcknowledgementIsNoFailure() {
        NetlinkReply reply =
                ended("24000000 0200 0001 ed5e0000 f1770000", "00000000", QUOTED_HEADER);

        assertThat(reply.failed()).isFalse();
        assertThat(reply.kernelWords()).isEmpty();
    }

    @Test
    void theEndOfADumpIsNoFailure() {
        assertThat(ended("14000000 0300 0200 ed5e0000 f1770000 00000000").failed()).isFalse();
        assertThat(ended("10000000 0300 0200 ed5e0000 f1770000").failed()).isFalse();
    }

    /** By hand from netlink_dump_done of net/netlink/af_netlink.c. */
    @Test
    void aDumpCanFailInItsLastMessage() {
        NetlinkReply reply =
                ended("20000000 0300 0202 ed5e0000 f1770000 eaffffff 0c00 0100 6e6f206475 6d7000");

        assertThat(reply.errno()).isEqualTo(Errno.EINVAL);
        assertThat(reply.kernelWords()).isEqualTo("no dump");
    }

    @Test
    void usualErrorsSayWhatToDo() {
        NetlinkReply denied = new NetlinkReply(List.of(), Errno.EPERM, "");

        assertThat(denied.exception("cannot set tun0 up", ""))
                .hasMessage(
                        "cannot set tun0 up: EPERM (1): operation not permitted; "
                                + Capability.NET_ADMIN.hint());
    }
}
