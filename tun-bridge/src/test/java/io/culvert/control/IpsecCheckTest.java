package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.netlink.IpsecPolicies;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NeedsRoot
@Timeout(60)
class IpsecCheckTest {
    private static String objection(IpsecCheck check, String words) {
        return check.objection(TunnelWords.parse(List.of(words.split(" "))).spec());
    }

    @Test
    void noPolicyIsComparedWithALocalAddressThatIsNotThere() throws Exception {
        try (NetworkNamespace host = NetworkNamespace.create("check")) {
            assumeTrue(
                    host.attempt("ip", "xfrm", "policy").succeeded(),
                    "this kernel has no IPsec at all");
            host.run("ip xfrm policy add src 192.0.2.1 dst 192.0.2.2 dir out action block");
            try (IpsecPolicies policies = NamespaceThread.call(host, IpsecPolicies::open)) {
                IpsecCheck check = IpsecCheck.of(policies);

                assertThat(objection(check, "tun0 mode gre remote 192.0.2.2")).isEmpty();
                assertThat(objection(check, "tun0 mode gre remote 192.0.2.2 local 192.0.2.1"))
                        .endsWith("src 192.0.2.1/32 dst 192.0.2.2/32 dir out");
                assertThat(objection(check, "tun0 mode gre remote 192.0.2.2 local 192.0.2.3"))
                        .isEmpty();
            }
        }
    }
}
