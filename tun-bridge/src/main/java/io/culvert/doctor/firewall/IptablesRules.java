package io.culvert.doctor.firewall;

import io.culvert.wire.Ipv4Address;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code iptables -S} prints of the filter table. */
public final class IptablesRules {
    private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\S+");

    private final Map<String, List<FilterRule>> rules = new LinkedHashMap<>();
    private final Map<String, Verdict> policies = new LinkedHashMap<>();

    private IptablesRules() {}

    /** Reads the rules; lines that are none are left out. */
    public static Filter read(String text) {
        IptablesRules all = new IptablesRules();
        text.lines().map(String::strip).forEach(all::line);
        List<FilterChain> chains = new ArrayList<>();
        all.rules.forEach(
                (name, rules) ->
                        chains.add(
                                new FilterChain(
                                        "",
                                        name,
                                        hook(name),
                                        "",
                                        all.policies.getOrDefault(name, Verdict.ACCEPT),
                                        rules)));
        return new Filter("iptables", chains);
    }

    private static String hook(String chain) {
        return switch (chain) {
            case "INPUT" -> "input";
            case "OUTPUT" -> "output";
            case "FORWARD" -> "forward";
            default -> "";
        };
    }

    private void line(String line) {
        List<String> words = WORD.matcher(line).results().map(r -> r.group()).toList();
        if (words.size() < 2) {
            return;
        }
        String chain = words.get(1);
        switch (words.get(0)) {
            case "-P" -> {
                rules.computeIfAbsent(chain, name -> new ArrayList<>());
                policies.put(chain, verdict(words.get(2), Verdict.Kind.JUMP));
            }
            case "-N" -> rules.computeIfAbsent(chain, name -> new ArrayList<>());
            case "-A" ->
                    rules.computeIfAbsent(chain, name -> new ArrayList<>())
                            .add(new Rule(words.subList(2, words.size())).read(line));
            default -> {}
        }
    }

    private static Verdict verdict(String target, Verdict.Kind how) {
        return switch (target) {
            case "ACCEPT" -> Verdict.ACCEPT;
            case "DROP" -> Verdict.DROP;
            case "REJECT" -> Verdict.REJECT;
            case "RETURN" -> Verdict.RETURN;
            // these go on with the next rule; see iptables-extensions(8)
            case "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "TCPMSS", "TRACE", "AUDIT" ->
                    Verdict.NONE;
            case "QUEUE", "NFQUEUE", "TARPIT" -> Verdict.OBSCURE;
            default -> new Verdict(how, target);
        };
    }

    /** The words of one rule, from the one behind the chain. */
    private static final class Rule {
        private final List<String> words;
        private final List<Condition> conditions = new ArrayList<>();
        private Verdict verdict = Verdict.NONE;
        private int at;

        Rule(List<String> words) {
            this.words = words;
        }

        FilterRule read(String text) {
            while (at < words.size()) {
                boolean isNegated = words.get(at).equals("!");
                at += isNegated ? 1 : 0;
                Condition condition = option(next());
                if (condition != null) {
                    conditions.add(isNegated ? condition.negated() : condition);
                }
            }
            return new FilterRule(conditions, verdict, text);
        }

        /** The condition that an option is, or null when it is none. */
        private Condition option(String option) {
            return switch (option) {
                case "-p" -> protocol(next());
                case "-s" -> Condition.source(network(next()));
                case "-d" -> Condition.destination(network(next()));
                case "-i" -> Condition.inDevice(device(next()));
                case "-o" -> Condition.outDevice(device(next()));
                case "--ctstate", "--state" -> state(next());
                case "-m" -> {
                    next(); // what it asks is in the options that follow
                    yield null;
                }
                case "--comment", "--reject-with", "--log-prefix", "--log-level" -> {
                    next();
                    yield null;
                }
                case "-j" -> {
                    verdict = verdict(next(), Verdict.Kind.JUMP);
                    yield null;
                }
                case "-g" -> {
                    verdict = verdict(next(), Verdict.Kind.GOTO);
                    yield null;
                }
                default -> {
                    skipValues();
                    yield Condition.OBSCURE;
                }
            };
        }

        private String next() {
            return at < words.size() ? words.get(at++) : "";
        }

        private void skipValues() {
            while (at < words.size()
                    && !words.get(at).startsWith("-")
                    && !words.get(at).equals("!")) {
                at++;
            }
        }

        private static Condition protocol(String word) {
            if (word.equals("all") || word.equals("0")) {
                return flow -> Truth.YES;
            }
            int number = ProtocolWords.number(word);
            return Condition.protocol(p -> p == number);
        }

        private static Condition state(String words) {
            List<String> states =
                    Arrays.asList(words.toLowerCase(java.util.Locale.ROOT).split(","));
            return Condition.state(states::contains);
        }

        private static IntPredicate network(String words) {
            String[] parts = words.split("/", 2);
            int address = Ipv4Address.parse(parts[0]);
            int mask = parts.length == 1 ? -1 : mask(parts[1]);
            return tested -> (tested & mask) == (address & mask);
        }

        private static int mask(String text) {
            if (text.indexOf('.') >= 0) {
                return Ipv4Address.parse(text);
            }
            int bits = Integer.parseInt(text);
            return bits == 0 ? 0 : -1 << 32 - bits;
        }

        private static Predicate<String> device(String word) {
            Matcher prefix = Pattern.compile("(.*)\\+").matcher(word);
            return prefix.matches()
                    ? name -> name.startsWith(prefix.group(1))
                    : name -> name.equals(word);
        }
    }
}
