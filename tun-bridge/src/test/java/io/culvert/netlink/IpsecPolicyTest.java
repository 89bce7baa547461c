package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Policies as Linux 6.18 listed them. */
class IpsecPolicyTest {
    private static final String ENDLESS =
            "00000000 ffffffffffffffff ffffffffffffffff ffffffffffffffff"
                    + " ffffffffffffffff 0000000000000000 0000000000000000 0000000000000000"
                    + " 0000000000000000 0000000000000000 0000000000000000 97ef036b00000000"
                    + " 0000000000000000";

    private static final String ANY_IPV4 = "00000000 00000000 00000000 00000000";
    private static final String ONE = "c0000201 00000000 00000000 00000000";
    private static final String TWO = "c0000202 00000000 00000000 00000000";
    private static final String NETWORK = "c0000200 00000000 00000000 00000000";

    /** ip xfrm policy add src 192.0.2.1 dst 192.0.2.2 proto gre dir out priority 7 tmpl ... */
    private static final String ENCRYPTING =
            TWO
                    + ONE
                    + "0000 0000 0000 0000 0200 20 20 2f 000000 00000000"
                    + ENDLESS
                    + "07000000 01000000 01 00 00 00 00000000"
                    + "4400 0500 c0000202000000000000000000000000 00000000 32 000000" // XFRMA_TMPL
                    + "0200 0000 c0000201000000000000000000000000 00000000 00 00 00 00"
                    + "ffffffff ffffffff ffffffff"
                    + "0a00 1000 00 0000000000 0000"; // XFRMA_POLICY_TYPE

    /** ip xfrm policy add src 192.0.2.0/24 dst 0.0.0.0/0 proto 41 dir in action block mark 5 */
    private static final String BLOCKING =
            ANY_IPV4
                    + NETWORK
                    + "0000 0000 0000 0000 0200 00 18 29 000000 00000000"
                    + ENDLESS
                    + "00000000 08000000 00 01 00 00 00000000"
                    + "0a00 1000 00 0000000000 0000"
                    + "0c00 1500 05000000 ffffffff"; // XFRMA_MARK

    /** ip xfrm policy add src 2001:db8::/32 dst ::/0 dir fwd if_id 9 */
    private static final String OF_A_DEVICE =
            ANY_IPV4
                    + "20010db8 00000000 00000000 00000000"
                    + "0000 0000 0000 0000 0a00 00 20 00 000000 00000000"
                    + ENDLESS
                    + "00000000 12000000 02 00 00 00 00000000"
                    + "0a00 1000 00 0000000000 0000"
                    + "0800 1f00 09000000"; // XFRMA_IF_ID

    private static NetlinkMessage message(int type, String payload) {
        int length = Captured.bytes(payload).length + Rtnetlink.NLMSG_HEADER_LENGTH;
        String header = "%02x%02x0000 %02x00 0200 01000000 85340000";
        return Captured.message(header.formatted(length & 0xff, length >> 8, type), payload);
    }

    private static IpsecPolicy policy(String payload) {
        return IpsecPolicy.read(message(Xfrm.XFRM_MSG_NEWPOLICY, payload));
    }

    @Test
    void aPolicyThatEncryptsOneProtocolBetweenTwoHostsIsRead() {
        IpsecPolicy policy = policy(ENCRYPTING);

        assertThat(policy)
                .isEqualTo(
                        new IpsecPolicy(
                                true,
                                IpPrefix.host(Captured.ip("192.0.2.1")),
                                IpPrefix.host(Captured.ip("192.0.2.2")),
                                47,
                                false));
        assertThat(policy.words()).isEqualTo("src 192.0.2.1/32 dst 192.0.2.2/32 proto 47 dir out");
    }

    @Test
    void aPolicyThatRefusesIsNoPassThroughWhateverItsMark() {
        IpsecPolicy policy = policy(BLOCKING);

        assertThat(policy.isPassThrough()).isFalse();
        assertThat(policy.words()).isEqualTo("src 192.0.2.0/24 dst 0.0.0.0/0 proto 41 dir in");
    }

    @Test
    void withoutATemplateItLetsPacketsPass() {
        String bypass = ENCRYPTING.substring(0, ENCRYPTING.indexOf("4400 0500"));

        assertThat(policy(bypass).isPassThrough()).isTrue();
    }

    @Test
    void policiesForPacketsOfOthersAreNone() {
        String outbound = OF_A_DEVICE.replace("12000000 02", "11000000 01");
        String ofASocket = ENCRYPTING.replace("01000000 01 00", "04000000 04 00");

        assertThat(policy(OF_A_DEVICE)).as("forwarded").isNull();
        assertThat(policy(outbound)).as("of an XFRM device").isNull();
        assertThat(policy(ofASocket)).as("of one socket").isNull();
    }

    @Test
    void whatIsNoPolicyIsNotRead() {
        NetlinkMessage deleted = message(0x14, ENCRYPTING);
        NetlinkMessage cut = message(Xfrm.XFRM_MSG_NEWPOLICY, ENCRYPTING.substring(0, 200));

        assertThat(IpsecPolicy.read(deleted)).isNull();
        assertThat(IpsecPolicy.read(cut)).isNull();
    }

    @Test
    void itIsForItsProtocolBetweenItsAddresses() {
        IpsecPolicy policy = policy(BLOCKING);

        assertThat(policy.isFor(Captured.ip("192.0.2.9"), Captured.ip("198.51.100.1"), 41))
                .isTrue();
        assertThat(policy.isFor(Captured.ip("192.0.2.9"), Captured.ip("198.51.100.1"), 47))
                .isFalse();
        assertThat(policy.isFor(Captured.ip("192.0.3.9"), Captured.ip("198.51.100.1"), 41))
                .isFalse();
        assertThat(policy.isFor(Captured.ip("192.0.2.9"), Captured.ip("2001:db8::1"), 41))
                .isFalse();
    }

    @Test
    void onlyDefaultsThatRefuseArePolicies() {
        assertThat(defaults("020201 00")).extracting(IpsecPolicy::isOutbound).containsExactly(true);
        assertThat(defaults("010102 00"))
                .extracting(IpsecPolicy::isOutbound)
                .containsExactly(false);
        assertThat(defaults("020202 00")).isEmpty();
        assertThat(defaults("020102 00")).as("of what is forwarded").isEmpty();
        assertThat(defaults("0202")).as("cut").isEmpty();
        assertThat(defaults("020201 00").get(0).words())
                .isEqualTo("src 0.0.0.0/0 dst 0.0.0.0/0 dir out");
    }

    private static List<IpsecPolicy> defaults(String payload) {
        return IpsecPolicy.readDefaults(message(Xfrm.XFRM_MSG_GETDEFAULT, payload));
    }
}
