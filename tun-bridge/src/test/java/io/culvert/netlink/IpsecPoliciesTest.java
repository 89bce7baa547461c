package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Policies as {@code ip xfrm policy} makes them; they need no key to be there. */
@NeedsRoot
@Timeout(60)
class IpsecPoliciesTest {
    private static final String ENDS = "src 192.0.2.1/32 dst 192.0.2.2/32";
    private static final String TEMPLATE =
            " tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode transport";

    private NetworkNamespace host;
    private IpsecPolicies policies;

    @BeforeEach
    void open() throws Exception {
        host = NetworkNamespace.create("ipsec");
        assumeTrue(
                host.attempt("ip", "xfrm", "policy").succeeded(),
                "this kernel has no IPsec at all");
        policies = NamespaceThread.call(host, IpsecPolicies::open);
    }

    @AfterEach
    void close() {
        if (policies != null) {
            policies.close();
        }
        host.close();
    }

    @Test
    void aHostWithoutPoliciesHasNone() {
        assertThat(policies.all()).isEmpty();
        assertThat(policies.haveChanged()).isFalse();
        assertThat(policies.fd()).isNotNegative();
    }

    @Test
    void policiesOfPacketsSentAndReceivedAreListed() {
        host.run("ip xfrm policy add " + ENDS + " proto gre dir out" + TEMPLATE);
        host.run("ip xfrm policy add src 192.0.2.2 dst 0.0.0.0/0 dir in action block");
        host.run("ip xfrm policy add " + ENDS + " dir fwd action block");
        host.run("ip xfrm policy add " + ENDS + " proto 4 dir out");

        assertThat(policies.all())
                .extracting(IpsecPolicy::words, IpsecPolicy::isPassThrough)
                .containsExactlyInAnyOrder(
                        tuple(ENDS + " proto 47 dir out", false),
                        tuple("src 192.0.2.2/32 dst 0.0.0.0/0 dir in", false),
                        tuple(ENDS + " proto 4 dir out", true));
    }

    @Test
    void changesAreToldOnce() {
        host.run("ip xfrm policy add " + ENDS + " dir out" + TEMPLATE);
        assertThat(policies.haveChanged()).isTrue();
        assertThat(policies.haveChanged()).isFalse();

        host.run("ip xfrm policy delete " + ENDS + " dir out");
        assertThat(policies.haveChanged()).isTrue();
        assertThat(policies.all()).isEmpty();

        host.run("ip xfrm policy add " + ENDS + " dir out" + TEMPLATE);
        host.run("ip xfrm policy flush");
        assertThat(policies.haveChanged()).isTrue();
        assertThat(policies.haveChanged()).isFalse();
    }

    @Test
    void aHostThatRefusesWhatNoPolicyIsForHasOneForAll() {
        assumeTrue(
                host.attempt("ip", "xfrm", "policy", "setdefault", "out", "block").succeeded(),
                "this kernel lets what no policy is for pass");

        assertThat(policies.all())
                .extracting(IpsecPolicy::words)
                .containsExactly("src 0.0.0.0/0 dst 0.0.0.0/0 dir out");
        assertThat(policies.haveChanged()).isTrue();
    }
}
