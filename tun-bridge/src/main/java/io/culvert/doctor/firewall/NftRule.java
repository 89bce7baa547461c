package io.culvert.doctor.firewall;

import io.culvert.wire.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** One rule's expressions. A rule with a verdict map becomes several, one for each of its keys. */
final class NftRule {
    private static final Set<String> TRANSPORTS =
            Set.of("tcp", "udp", "udplite", "sctp", "dccp", "th", "icmp", "igmp", "ah", "esp");
    private static final Set<String> WITHOUT_EFFECT =
            Set.of("counter", "log", "mangle", "notrack", "comment", "last", "set", "flow");

    private static final Condition OBSCURE = Condition.OBSCURE;

    private final String table;
    private final Map<String, List<?>> sets;
    private final List<Condition> conditions = new ArrayList<>();
    private final List<FilterRule> rules = new ArrayList<>();
    private Verdict verdict = Verdict.NONE;

    NftRule(String table, Map<String, List<?>> sets) {
        this.table = table;
        this.sets = sets;
    }

    List<FilterRule> read(List<?> expressions, String text) {
        for (Object expression : expressions) {
            if (expression instanceof Map<?, ?> map) {
                map.forEach((name, value) -> expression(String.valueOf(name), value, text));
            }
        }
        rules.add(new FilterRule(conditions, verdict, text));
        return rules;
    }

    private void expression(String name, Object value, String text) {
        switch (name) {
            case "match" -> conditions.add(match(value));
            case "accept" -> verdict = Verdict.ACCEPT;
            case "drop" -> verdict = Verdict.DROP;
            case "reject" -> verdict = Verdict.REJECT;
            case "return" -> verdict = Verdict.RETURN;
            case "jump" -> verdict = Verdict.jump(member(value, "target"));
            case "goto" -> verdict = Verdict.goTo(member(value, "target"));
            case "vmap" -> verdictMap(value, text);
            case "xt" -> extension(value);
            default -> {
                if (!WITHOUT_EFFECT.contains(name)) {
                    conditions.add(Condition.OBSCURE);
                }
            }
        }
    }

    /** What iptables made of its own extensions and nft cannot translate. */
    private void extension(Object value) {
        if (member(value, "type").equals("target")) {
            verdict = member(value, "name").equals("REJECT") ? Verdict.REJECT : Verdict.OBSCURE;
        } else {
            conditions.add(Condition.OBSCURE);
        }
    }

    private void verdictMap(Object value, String text) {
        if (!(value instanceof Map<?, ?> map)
                || !(map.get("data") instanceof Map<?, ?> data)
                || !(data.get("set") instanceof List<?> pairs)) {
            verdict = Verdict.OBSCURE;
            return;
        }
        for (Object pair : pairs) {
            if (pair instanceof List<?> both && both.size() == 2) {
                NftRule one = new NftRule(table, sets);
                one.conditions.addAll(conditions);
                one.conditions.add(matches(map.get("key"), both.get(0)));
                rules.addAll(one.read(List.of(both.get(1)), text));
            }
        }
    }

    private Condition match(Object value) {
        if (!(value instanceof Map<?, ?> match)) {
            return Condition.OBSCURE;
        }
        Condition condition = matches(match.get("left"), match.get("right"));
        return switch (String.valueOf(match.get("op"))) {
            case "==", "in" -> condition;
            case "!=" -> condition.negated();
            default -> Condition.OBSCURE;
        };
    }

    private Condition matches(Object left, Object right) {
        if (!(left instanceof Map<?, ?> map)) {
            return Condition.OBSCURE;
        }
        if (map.get("payload") instanceof Map<?, ?> payload) {
            return payload(member(payload, "protocol"), member(payload, "field"), right);
        }
        if (map.get("meta") instanceof Map<?, ?> meta) {
            return meta(member(meta, "key"), right);
        }
        if (map.get("ct") instanceof Map<?, ?> ct && member(ct, "key").equals("state")) {
            return Condition.state(word -> isOneOf(right, word::equals));
        }
        return Condition.OBSCURE;
    }

    private Condition payload(String protocol, String field, Object right) {
        if (protocol.equals("ip6") || protocol.equals("icmpv6") || protocol.equals("arp")) {
            return Condition.NEVER;
        }
        if (TRANSPORTS.contains(protocol)) {
            // one of a tunnel's protocols has no such header; of any packet it is not known
            return flow -> flow.protocol() < 0 ? Truth.MAYBE : Truth.NO;
        }
        if (!protocol.equals("ip")) {
            return Condition.OBSCURE;
        }
        return switch (field) {
            case "protocol" -> protocol(right);
            case "saddr" -> isReadable(right) ? Condition.source(a -> isOneOf(right, a)) : OBSCURE;
            case "daddr" ->
                    isReadable(right) ? Condition.destination(a -> isOneOf(right, a)) : OBSCURE;
            default -> OBSCURE;
        };
    }

    private Condition meta(String key, Object right) {
        return switch (key) {
            case "l4proto" -> protocol(right);
            case "iifname", "iif" -> Condition.inDevice(name -> isOneOf(right, isDevice(name)));
            case "oifname", "oif" -> Condition.outDevice(name -> isOneOf(right, isDevice(name)));
            case "nfproto" -> flow -> Truth.of(isOneOf(right, "ipv4"::equals));
            case "protocol" -> flow -> Truth.of(isOneOf(right, "ip"::equals));
            default -> OBSCURE;
        };
    }

    private Condition protocol(Object right) {
        return Condition.protocol(
                number -> isOneOf(right, word -> ProtocolWords.number(word) == number));
    }

    private static Predicate<String> isDevice(String name) {
        return word ->
                word.endsWith("*")
                        ? name.startsWith(word.substring(0, word.length() - 1))
                        : name.equals(word);
    }

    /** A set that was not printed may hold anything. */
    private boolean isReadable(Object right) {
        return !(right instanceof String name)
                || !name.startsWith("@")
                || sets.containsKey(table + "/" + name);
    }

    private boolean isOneOf(Object right, Predicate<String> wanted) {
        if (right instanceof Map<?, ?> map && map.get("set") instanceof List<?> elements) {
            return elements.stream().anyMatch(element -> isOneOf(element, wanted));
        }
        if (right instanceof List<?> elements) {
            return elements.stream().anyMatch(element -> isOneOf(element, wanted));
        }
        return right != null && wanted.test(right.toString());
    }

    private boolean isOneOf(Object right, int address) {
        if (right instanceof List<?> elements) {
            return elements.stream().anyMatch(element -> isOneOf(element, address));
        }
        if (right instanceof Map<?, ?> map) {
            if (map.get("set") instanceof List<?> elements) {
                return isOneOf(elements, address);
            }
            if (map.get("elem") instanceof Map<?, ?> element) {
                return isOneOf(element.get("val"), address);
            }
            if (map.get("prefix") instanceof Map<?, ?> prefix) {
                int bits = Integer.parseInt(member(prefix, "len"));
                int mask = bits == 0 ? 0 : -1 << 32 - bits;
                return (address(member(prefix, "addr")) & mask) == (address & mask);
            }
            if (map.get("range") instanceof List<?> range && range.size() == 2) {
                return Integer.compareUnsigned(address, address(range.get(0))) >= 0
                        && Integer.compareUnsigned(address, address(range.get(1))) <= 0;
            }
            return false;
        }
        if (right instanceof String name && name.startsWith("@")) {
            return isOneOf(sets.getOrDefault(table + "/" + name, List.of()), address);
        }
        return address(right) == address;
    }

    private static int address(Object text) {
        return Ipv4Address.parse(String.valueOf(text));
    }

    private static String member(Object object, String name) {
        return object instanceof Map<?, ?> map && map.get(name) != null
                ? map.get(name).toString()
                : "";
    }
}
