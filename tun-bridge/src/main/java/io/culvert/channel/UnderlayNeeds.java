package io.culvert.channel;

import java.util.Set;

/**
 * What a process's tunnels together want of their underlay.
 *
 * @param recordsLink whether one of them asks by which interface a packet came
 * @param linkMtu the largest packet that one of the host's links hands over, in bytes; 0 where no
 *     packet sockets are used
 * @param localAddresses their own outer IPv4 addresses, as {@code int} bits; 0 where the routes say
 */
public record UnderlayNeeds(boolean recordsLink, int linkMtu, Set<Integer> localAddresses) {
    /** Copies the set. */
    public UnderlayNeeds {
        localAddresses = Set.copyOf(localAddresses);
    }
}
