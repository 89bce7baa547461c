package io.culvert.doctor.firewall;

import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** What a rule asks of a packet. */
interface Condition {
    /** One that cannot be answered from outside. */
    Condition OBSCURE = flow -> Truth.MAYBE;

    /** One that no packet of ours fulfils. */
    Condition NEVER = flow -> Truth.NO;

    Truth test(Flow flow);

    default Condition negated() {
        return flow -> test(flow).negated();
    }

    static Condition protocol(IntPredicate wanted) {
        return flow -> flow.protocol() < 0 ? Truth.MAYBE : Truth.of(wanted.test(flow.protocol()));
    }

    static Condition source(IntPredicate wanted) {
        return flow -> flow.source() == 0 ? Truth.MAYBE : Truth.of(wanted.test(flow.source()));
    }

    static Condition destination(IntPredicate wanted) {
        return flow ->
                flow.destination() == 0 ? Truth.MAYBE : Truth.of(wanted.test(flow.destination()));
    }

    static Condition inDevice(Predicate<String> wanted) {
        return flow ->
                flow.inDevice() == null ? Truth.MAYBE : Truth.of(wanted.test(flow.inDevice()));
    }

    static Condition outDevice(Predicate<String> wanted) {
        return flow ->
                flow.outDevice() == null ? Truth.MAYBE : Truth.of(wanted.test(flow.outDevice()));
    }

    /** One of the states of conntrack by its word. */
    static Condition state(Predicate<String> wanted) {
        return flow ->
                Truth.of(wanted.test(flow.state().name().toLowerCase(java.util.Locale.ROOT)));
    }
}
