package io.culvert.doctor.firewall;

import io.culvert.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code nft -j list ruleset} prints (libnftables-json(5)), with the text of its rules from
 * {@code nft -a list ruleset}.
 */
public final class NftRuleset {
    /** The others never see IPv4 packets, or only on bridges. */
    private static final Set<String> FAMILIES = Set.of("ip", "inet", "netdev");

    private final Map<String, String> texts;
    private final Map<String, List<?>> sets = new HashMap<>();
    private final Map<String, Map<?, ?>> chains = new LinkedHashMap<>();
    private final Map<String, List<FilterRule>> rules = new HashMap<>();

    private NftRuleset(Map<String, String> texts) {
        this.texts = texts;
    }

    /**
     * Reads the rules.
     *
     * @param json the output of {@code nft -j list ruleset}
     * @param listing the output of {@code nft -a list ruleset}, from which rules are quoted
     * @throws IllegalArgumentException when the first is not what it should be
     */
    public static Filter read(String json, String listing) {
        NftRuleset all = new NftRuleset(NftListing.rules(listing));
        if (!(Json.readForeign(json) instanceof Map<?, ?> root)
                || !(root.get("nftables") instanceof List<?> objects)) {
            throw new IllegalArgumentException("no list \"nftables\"");
        }
        // sets are printed before what uses them within a table, but chains may come behind rules
        objects.forEach(all::set);
        objects.forEach(all::chain);
        objects.forEach(all::rule);
        return new Filter("nft", all.build());
    }

    private void set(Object object) {
        if (member(object, "set") instanceof Map<?, ?> set
                && set.get("elem") instanceof List<?> elements) {
            sets.put(tableOf(set) + "/@" + set.get("name"), elements);
        }
    }

    private void chain(Object object) {
        if (member(object, "chain") instanceof Map<?, ?> chain
                && FAMILIES.contains(chain.get("family"))) {
            String key = tableOf(chain) + "/" + chain.get("name");
            chains.put(key, chain);
            rules.put(key, new ArrayList<>());
        }
    }

    private void rule(Object object) {
        if (member(object, "rule") instanceof Map<?, ?> rule
                && rule.get("expr") instanceof List<?> expressions) {
            String key = tableOf(rule) + "/" + rule.get("chain");
            List<FilterRule> chain = rules.get(key);
            if (chain != null) {
                String text = texts.getOrDefault(key + " " + rule.get("handle"), "a rule");
                chain.addAll(new NftRule(tableOf(rule), sets).read(expressions, text));
            }
        }
    }

    private List<FilterChain> build() {
        List<FilterChain> built = new ArrayList<>();
        chains.forEach(
                (key, chain) ->
                        built.add(
                                new FilterChain(
                                        tableOf(chain),
                                        text(chain, "name"),
                                        // what nat chains drop is none of a filter's business
                                        text(chain, "type").equals("nat")
                                                ? ""
                                                : text(chain, "hook"),
                                        text(chain, "dev"),
                                        text(chain, "policy").equals("drop")
                                                ? Verdict.DROP
                                                : Verdict.ACCEPT,
                                        rules.get(key))));
        return built;
    }

    private static Object member(Object object, String name) {
        return object instanceof Map<?, ?> map ? map.get(name) : null;
    }

    private static String tableOf(Map<?, ?> object) {
        return object.get("family") + " " + object.get("table");
    }

    private static String text(Map<?, ?> object, String name) {
        return object.get(name) instanceof String text ? text : "";
    }
}
