package io.culvert.control;

import java.net.InetAddress;

/**
 * By which way a tunnel's outer packets leave at a moment, where they may go round the host's IP.
 *
 * @param neighbour who gets them on the link: the gateway, or the remote itself; {@code null} when
 *     unknown
 * @param interfaceName the device they leave by; empty when unknown
 * @param hop where they go at once; {@code null} when they go through the host's IP
 * @param obstacle why they go through the host's IP, for a person; empty when they do not
 */
record ChosenWay(InetAddress neighbour, String interfaceName, NextHop hop, String obstacle) {

    /** Round the host's IP. */
    static ChosenWay by(InetAddress neighbour, String interfaceName, NextHop hop) {
        return new ChosenWay(neighbour, interfaceName, hop, "");
    }

    /** Through the host's IP. */
    static ChosenWay throughHost(String obstacle) {
        return new ChosenWay(null, "", null, obstacle);
    }
}
