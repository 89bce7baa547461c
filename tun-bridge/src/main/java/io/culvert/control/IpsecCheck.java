package io.culvert.control;

import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpsecPolicies;
import io.culvert.netlink.IpsecPolicy;
import io.culvert.spec.TunnelSpec;
import java.net.InetAddress;
import java.util.List;

/**
 * Asks whether IPsec has a word in a tunnel's outer packets. It has none in those that go round the
 * host's IP, which would leave in the clear what was to be encrypted, and receive nothing of what
 * the host decrypts: both have to go through the host's IP then.
 *
 * <p>One instance answers about one moment.
 */
final class IpsecCheck {
    static final IpsecCheck NO_POLICIES = new IpsecCheck(List.of(), "");

    private final List<IpsecPolicy> policies;
    private final String ignorance;

    private IpsecCheck(List<IpsecPolicy> policies, String ignorance) {
        this.policies = policies;
        this.ignorance = ignorance;
    }

    /** About now; who may not list the policies has to expect one for each packet. */
    static IpsecCheck of(IpsecPolicies ipsec) {
        try {
            return new IpsecCheck(ipsec.all(), "");
        } catch (LinuxException e) {
            return new IpsecCheck(List.of(), e.getMessage());
        }
    }

    /** Why a tunnel's packets must not go round the host's IP, for a person; empty if they may. */
    String objection(TunnelSpec spec) {
        if (spec.local() == null) { // without an address of their own they go through it anyway
            return "";
        }
        if (!ignorance.isEmpty()) {
            return ignorance;
        }
        return policies.stream()
                .filter(policy -> !policy.isPassThrough() && isFor(spec, policy))
                .map(policy -> "an IPsec policy is for them: " + policy.words())
                .findFirst()
                .orElse("");
    }

    private static boolean isFor(TunnelSpec spec, IpsecPolicy policy) {
        InetAddress from = policy.isOutbound() ? spec.local() : spec.remote();
        InetAddress to = policy.isOutbound() ? spec.remote() : spec.local();
        return spec.outerProtocols().stream().anyMatch(p -> policy.isFor(from, to, p));
    }
}
