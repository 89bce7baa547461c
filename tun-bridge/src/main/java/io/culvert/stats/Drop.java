package io.culvert.stats;

import java.util.List;

/**
 * Packets that ended for one reason.
 *
 * @param reason its label, for example {@code key-mismatch}
 * @param isReceived whether they came from the wire
 * @param packets how many
 * @param description what the reason means
 */
record Drop(String reason, boolean isReceived, long packets, String description) {

    static List<Drop> all(Fields of) {
        return of.objects("drops").stream()
                .map(
                        drop ->
                                new Drop(
                                        drop.text("reason"),
                                        drop.text("direction").equals("received"),
                                        drop.number("packets"),
                                        drop.text("description")))
                .toList();
    }

    /** How many of this reason came since; all when it was not there then. */
    long since(List<Drop> earlier) {
        return packets
                - earlier.stream()
                        .filter(drop -> drop.reason.equals(reason))
                        .mapToLong(Drop::packets)
                        .sum();
    }
}
