package io.culvert.stats;

import java.util.List;
import java.util.Map;

/**
 * What a running culvert answered to {@code stats}.
 *
 * @param pid the process
 * @param namespace its network namespace: {@code name}, null where it has none, and {@code inode}
 * @param uptimeSeconds since its tunnels came up
 * @param tunnels in the order they were given
 * @param lanes what belongs to no tunnel
 * @param answer all of it
 */
public record Sample(
        long pid,
        Map<String, Object> namespace,
        double uptimeSeconds,
        List<TunnelSample> tunnels,
        List<LaneSample> lanes,
        Map<String, Object> answer) {

    /** The request's verb. */
    public static final String VERB = "stats";

    /**
     * What one lane's sockets saw before a tunnel was found.
     *
     * @param lane from 0
     * @param packets read from the wire
     * @param missed dropped by the kernel because a socket's buffer was full
     * @param drops of packets that belong to no tunnel
     */
    record LaneSample(long lane, long packets, long missed, List<Drop> drops) {
        static LaneSample of(Fields fields) {
            return new LaneSample(
                    fields.number("lane"),
                    fields.number("received-packets"),
                    fields.number("missed-packets"),
                    Drop.all(fields));
        }
    }

    /**
     * Reads an answer.
     *
     * @param namespace of the process that gave it
     */
    public static Sample of(Map<String, Object> namespace, Map<String, Object> answer) {
        Fields fields = new Fields(answer);
        return new Sample(
                fields.number("pid"),
                namespace,
                fields.decimal("uptime-seconds"),
                fields.objects("tunnels").stream().map(TunnelSample::of).toList(),
                fields.objects("lanes").stream().map(LaneSample::of).toList(),
                answer);
    }

    /**
     * Which process, for people, for example {@code pid 4711, netns hangzhou}. A namespace without
     * a name is said where there are several processes to tell apart.
     */
    String process(boolean isOneOfSeveral) {
        Object name = namespace.get("name");
        if (name == null && !isOneOfSeveral) {
            return "pid " + pid;
        }
        return "pid "
                + pid
                + ", netns "
                + (name != null ? name : "net:[" + namespace.get("inode") + "]");
    }
}
