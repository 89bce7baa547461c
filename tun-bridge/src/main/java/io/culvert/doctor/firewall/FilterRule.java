package io.culvert.doctor.firewall;

import java.util.List;

/**
 * A rule.
 *
 * @param conditions all of which must hold
 * @param verdict what becomes of the packet then
 * @param text the rule as its program writes it
 */
record FilterRule(List<Condition> conditions, Verdict verdict, String text) {

    FilterRule {
        conditions = List.copyOf(conditions);
    }

    Truth test(Flow flow) {
        Truth all = Truth.YES;
        for (Condition condition : conditions) {
            all = all.and(condition.test(flow));
        }
        return all;
    }
}
