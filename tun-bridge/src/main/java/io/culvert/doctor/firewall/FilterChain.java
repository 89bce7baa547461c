package io.culvert.doctor.firewall;

import java.util.List;

/**
 * A chain of rules.
 *
 * @param table where it stands, such as {@code inet filter}; empty for iptables
 * @param name its name in there
 * @param hook where packets enter it; empty for one that is only jumped to
 * @param device the only device whose packets enter it; empty for all
 * @param policy what becomes of a packet that comes to its end
 */
public record FilterChain(
        String table,
        String name,
        String hook,
        String device,
        Verdict policy,
        List<FilterRule> rules) {

    /** Where it is, for a person: {@code chain input of table inet filter}. */
    String words() {
        return "chain " + name + (table.isEmpty() ? "" : " of table " + table);
    }

    /** The name by which rules of the same table jump to it. */
    String key() {
        return table + "/" + name;
    }
}
