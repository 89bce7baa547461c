package io.culvert.doctor.firewall;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of rules in {@code nft -a list ruleset}, by where they stand and their handle. */
final class NftListing {
    private static final Pattern TABLE = Pattern.compile("table (\\S+) (\\S+) \\{.*");
    private static final Pattern CHAIN = Pattern.compile("chain (\\S+) \\{.*");
    private static final Pattern RULE = Pattern.compile("(.*) # handle (\\d+)");
    private static final Pattern NUMBERS = Pattern.compile("counter packets \\d+ bytes \\d+ ?");

    private NftListing() {}

    /** Rules by {@code FAMILY TABLE/CHAIN HANDLE}, without their counters' numbers. */
    static Map<String, String> rules(String listing) {
        Map<String, String> rules = new HashMap<>();
        String table = "";
        String chain = "";
        for (String indented : listing.lines().toList()) {
            String line = indented.strip();
            Matcher tableLine = TABLE.matcher(line);
            Matcher chainLine = CHAIN.matcher(line);
            Matcher rule = RULE.matcher(line);
            if (tableLine.matches()) {
                table = tableLine.group(1) + " " + tableLine.group(2);
            } else if (chainLine.matches()) {
                chain = chainLine.group(1);
            } else if (rule.matches()) {
                String text = NUMBERS.matcher(rule.group(1)).replaceAll("counter ");
                rules.put(table + "/" + chain + " " + rule.group(2), text.strip());
            }
        }
        return rules;
    }
}
