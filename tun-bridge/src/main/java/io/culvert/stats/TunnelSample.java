package io.culvert.stats;

import java.util.List;

/**
 * A tunnel's counts at one moment.
 *
 * @param name its device's name
 * @param up the line that {@code culvert run} printed when it was up, with the MTU of now
 * @param pathMtuBytes the largest outer packet that leaves whole
 * @param received from the wire
 * @param sent to the wire
 * @param drops by reason
 * @param latencySent from the device to the wire
 * @param latencyReceived from the wire to the device
 * @param roundTrip to the peer and back; null where no keepalive measures it
 * @param fields all that was answered
 */
record TunnelSample(
        String name,
        String up,
        long pathMtuBytes,
        LinkSide received,
        LinkSide sent,
        List<Drop> drops,
        Latency latencySent,
        Latency latencyReceived,
        Latency roundTrip,
        Fields fields) {

    /** The path MTU, and where it is from when it is not the link's. */
    String pathMtu() {
        String source =
                switch (fields.text("path-mtu-source")) {
                    case "route" -> " (set by the route)";
                    case "learnt" ->
                            " (learnt by ICMP, expires in "
                                    + fields.number("path-mtu-expires-seconds")
                                    + " s)";
                    default -> "";
                };
        return pathMtuBytes + source;
    }

    static TunnelSample of(Fields fields) {
        List<Long> roundTrip = fields.numbers("round-trip");
        return new TunnelSample(
                fields.text("name"),
                fields.text("up"),
                fields.number("path-mtu-bytes"),
                LinkSide.of(fields.object("received")),
                LinkSide.of(fields.object("sent")),
                Drop.all(fields),
                Latency.of(fields.numbers("latency-sent")),
                Latency.of(fields.numbers("latency-received")),
                roundTrip.isEmpty() ? null : Latency.of(roundTrip),
                fields);
    }
}
