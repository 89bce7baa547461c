package io.culvert.stats;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What went one way through a tunnel.
 *
 * @param bytes of inner packets
 * @param packets that came through
 * @param counts what {@code ip -s -s link} has beside them: errors, dropped, and kinds of errors
 */
record LinkSide(long bytes, long packets, Map<String, Long> counts) {

    static LinkSide of(Fields fields) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Object name : fields.map().keySet()) {
            if (!name.equals("bytes") && !name.equals("packets")) {
                counts.put(name.toString(), fields.number(name.toString()));
            }
        }
        return new LinkSide(fields.number("bytes"), fields.number("packets"), counts);
    }

    /** All that did not come through. */
    long lost() {
        return counts.getOrDefault("errors", 0L) + counts.getOrDefault("dropped", 0L);
    }
}
