package io.culvert.control;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Counters of the kernel about packets that it drops before or after Culvert has them. */
public enum KernelLoss {
    REASSEMBLY(
            "Ip.ReasmFails",
            "fragments did not become a packet: others were lost, or the memory for them was full",
            "make the peer's tunnel fragment less (a smaller mtu), or sysctl -w"
                    + " net.ipv4.ipfrag_high_thresh=16777216"),
    DISCARDED(
            "Ip.InDiscards",
            "received packets were dropped for want of memory, or by an IPsec policy",
            "ip xfrm policy; free memory"),
    REVERSE_PATH(
            "TcpExt.IPReversePathFilter",
            "packets came by another device than their source is reached by (rp_filter)",
            "sysctl -w net.ipv4.conf.all.rp_filter=2"),
    BACKLOG(
            "softnet.dropped",
            "a processor's backlog was full, of any device and network namespace of this host",
            "sysctl -w net.core.netdev_max_backlog=10000 on the host");

    /** The network files of the calling thread's namespace; {@code /proc/net} is the process's. */
    private static final String PROC_NET = "/proc/thread-self/net/";

    private static final int SOFTNET_DROPPED = 1; // the second column, net/core/net-procfs.c

    private final String counter;
    private final String description;
    private final String cure;

    KernelLoss(String counter, String description, String cure) {
        this.counter = counter;
        this.description = description;
        this.cure = cure;
    }

    /** Its name, as {@code nstat} has it with a dot between protocol and name. */
    public String counter() {
        return counter;
    }

    /** What happened to the packets. */
    public String description() {
        return description;
    }

    /** The command to try. */
    public String cure() {
        return cure;
    }

    /**
     * All counters of the kernel at a moment, by protocol and name.
     *
     * @param files gives a file's text by its path; empty when there is none
     */
    public static Map<String, Long> read(Function<String, Optional<String>> files) {
        Map<String, Long> values = new HashMap<>();
        readPairs(files.apply(PROC_NET + "snmp").orElse(""), values);
        readPairs(files.apply(PROC_NET + "netstat").orElse(""), values);
        long dropped =
                files.apply(PROC_NET + "softnet_stat")
                        .orElse("")
                        .lines()
                        .map(line -> line.strip().split(" +"))
                        .filter(columns -> columns.length > SOFTNET_DROPPED)
                        .mapToLong(columns -> Long.parseLong(columns[SOFTNET_DROPPED], 16))
                        .sum();
        values.put(BACKLOG.counter, dropped);
        return Map.copyOf(values);
    }

    /** Two lines for each protocol: the names and the numbers. */
    private static void readPairs(String text, Map<String, Long> values) {
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

    /** How much a counter has grown since an earlier moment. */
    public static long growth(Map<String, Long> earlier, Map<String, Long> now, String counter) {
        return now.getOrDefault(counter, 0L) - earlier.getOrDefault(counter, 0L);
    }

    /** Those that have grown, each with by how much. */
    public static Map<KernelLoss, Long> between(Map<String, Long> earlier, Map<String, Long> now) {
        Map<KernelLoss, Long> losses = new EnumMap<>(KernelLoss.class);
        Arrays.stream(values())
                .forEach(loss -> losses.put(loss, growth(earlier, now, loss.counter)));
        losses.values().removeIf(packets -> packets <= 0);
        return losses;
    }
}
