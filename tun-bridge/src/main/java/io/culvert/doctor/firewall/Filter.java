package io.culvert.doctor.firewall;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All chains of one packet filter. Immutable. */
public final class Filter {
    private final String program;
    private final List<FilterChain> chains;
    private final Map<String, FilterChain> byKey = new HashMap<>();

    Filter(String program, List<FilterChain> chains) {
        this.program = program;
        this.chains = List.copyOf(chains);
        chains.forEach(chain -> byKey.put(chain.key(), chain));
    }

    /** The program that shows and changes it. */
    public String program() {
        return program;
    }

    /** What becomes of a packet on its way through all chains; one that drops it is enough. */
    public Fate fate(Hook way, Flow flow) {
        Fate unsure = null;
        for (FilterChain chain : chains) {
            if (!way.hooks().contains(chain.hook()) || !isEntered(chain, flow)) {
                continue;
            }
            Fate fate = new Walk(flow).through(chain);
            switch (fate.kind()) {
                case DROPPED, REJECTED -> {
                    return fate;
                }
                case UNSURE -> unsure = unsure == null ? fate : unsure;
                case PASSES -> {}
            }
        }
        return unsure == null ? Fate.PASSES : unsure;
    }

    private static boolean isEntered(FilterChain chain, Flow flow) {
        return chain.device().isEmpty()
                || chain.device().equals(flow.inDevice())
                || chain.device().equals(flow.outDevice());
    }

    /** The command that lets a remote's packets in. */
    public String openInbound(Fate fate, int protocol, String remote) {
        return isIptables(fate)
                ? "%s -I %s -p %d -s %s -j ACCEPT"
                        .formatted(iptables(), Hook.INBOUND.iptablesChain(), protocol, remote)
                : "nft insert rule %s %s ip saddr %s ip protocol %d accept"
                        .formatted(fate.base().table(), fate.base().name(), remote, protocol);
    }

    /** The command that lets packets out to a remote. */
    public String openOutbound(Fate fate, int protocol, String remote) {
        return isIptables(fate)
                ? "%s -I %s -p %d -d %s -j ACCEPT"
                        .formatted(iptables(), Hook.OUTBOUND.iptablesChain(), protocol, remote)
                : "nft insert rule %s %s ip daddr %s ip protocol %d accept"
                        .formatted(fate.base().table(), fate.base().name(), remote, protocol);
    }

    /** The commands that let packets through from and to a device. */
    public String openForwarded(Fate fate, String device) {
        return isIptables(fate)
                ? "%s -I FORWARD -i %s -j ACCEPT\n%1$s -I FORWARD -o %2$s -j ACCEPT"
                        .formatted(iptables(), device)
                : "nft insert rule %s %s iifname %s accept\nnft insert rule %1$s %2$s oifname %3$s accept"
                        .formatted(fate.base().table(), fate.base().name(), device);
    }

    /** Rules that iptables made are changed by iptables, also where nft shows them. */
    private boolean isIptables(Fate fate) {
        return fate.base().table().isEmpty()
                || fate.base().table().equals("ip filter")
                        && fate.base().name().matches("INPUT|OUTPUT|FORWARD");
    }

    private String iptables() {
        return program.startsWith("iptables") ? program : "iptables";
    }

    /** One packet on its way through one chain and those that it jumps to. */
    private final class Walk {
        private static final int DEEPEST_JUMP = 16; // nf_tables.h: NFT_JUMP_STACK_SIZE

        private final Flow flow;
        private FilterRule maybeAccepts;
        private FilterRule maybeStops;

        Walk(Flow flow) {
            this.flow = flow;
        }

        Fate through(FilterChain base) {
            FilterRule decision = walk(base, 0);
            if (decision == null) {
                decision = new FilterRule(List.of(), base.policy(), "policy drop");
            }
            boolean isStopped = decision.verdict().kind() != Verdict.Kind.ACCEPT;
            FilterRule doubt = isStopped ? maybeAccepts : maybeStops;
            if (doubt != null) {
                return new Fate(Fate.Kind.UNSURE, base, doubt.text());
            }
            if (!isStopped) {
                return Fate.PASSES;
            }
            boolean isRejected = decision.verdict().kind() == Verdict.Kind.REJECT;
            return new Fate(
                    isRejected ? Fate.Kind.REJECTED : Fate.Kind.DROPPED, base, decision.text());
        }

        /** The rule that decides, or null when the packet comes to the chain's end. */
        private FilterRule walk(FilterChain chain, int depth) {
            if (depth > DEEPEST_JUMP) {
                return null;
            }
            for (FilterRule rule : chain.rules()) {
                Truth applies = rule.test(flow);
                if (applies == Truth.NO) {
                    continue;
                }
                boolean isSure = applies == Truth.YES;
                switch (rule.verdict().kind()) {
                    case NONE -> {}
                    case ACCEPT -> {
                        if (isSure) {
                            return rule;
                        }
                        maybeAccepts = maybeAccepts == null ? rule : maybeAccepts;
                    }
                    case DROP, REJECT -> {
                        if (isSure) {
                            return rule;
                        }
                        maybeStops = maybeStops == null ? rule : maybeStops;
                    }
                    case OBSCURE -> {
                        maybeAccepts = maybeAccepts == null ? rule : maybeAccepts;
                        maybeStops = maybeStops == null ? rule : maybeStops;
                    }
                    case RETURN -> {
                        if (isSure) {
                            return null;
                        }
                    }
                    case JUMP, GOTO -> {
                        FilterRule inner = jump(chain, rule, depth);
                        if (isSure && inner != null) {
                            return inner;
                        }
                        if (isSure && rule.verdict().kind() == Verdict.Kind.GOTO) {
                            return null;
                        }
                        doubt(inner);
                    }
                }
            }
            return null;
        }

        private FilterRule jump(FilterChain from, FilterRule rule, int depth) {
            FilterChain target = byKey.get(from.table() + "/" + rule.verdict().target());
            return target == null ? null : walk(target, depth + 1);
        }

        private void doubt(FilterRule inner) {
            if (inner == null) {
                return;
            }
            if (inner.verdict().kind() == Verdict.Kind.ACCEPT) {
                maybeAccepts = maybeAccepts == null ? inner : maybeAccepts;
            } else {
                maybeStops = maybeStops == null ? inner : maybeStops;
            }
        }
    }
}
