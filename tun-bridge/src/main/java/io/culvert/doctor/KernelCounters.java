package io.culvert.doctor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The counters of {@code /proc/net/snmp} and {@code /proc/net/netstat} at a moment.
 *
 * @param values by protocol and name, such as {@code TcpExt.IPReversePathFilter}
 */
record KernelCounters(Map<String, Long> values) {

    static KernelCounters of(Host host) {
        Map<String, Long> values = new HashMap<>();
        read(host.text(Host.PROC_NET + "snmp").orElse(""), values);
        read(host.text(Host.PROC_NET + "netstat").orElse(""), values);
        return new KernelCounters(Map.copyOf(values));
    }

    /** Two lines for each protocol: the names and the numbers. */
    private static void read(String text, Map<String, Long> values) {
        List<String> lines = text.lines().toList();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            String[] names = lines.get(i).strip().split("\\s+");
            String[] numbers = lines.get(i + 1).strip().split("\\s+");
            String protocol = names[0].replace(":", ".");
            for (int column = 1; column < Math.min(names.length, numbers.length); column++) {
                if (numbers[column].matches("-?[0-9]{1,18}")) {
                    values.put(protocol + names[column], Long.parseLong(numbers[column]));
                }
            }
        }
    }

    /** How much one has grown since an earlier moment. */
    long grownSince(KernelCounters earlier, String name) {
        return values.getOrDefault(name, 0L) - earlier.values.getOrDefault(name, 0L);
    }
}
