package io.culvert.control;

import io.culvert.netlink.RouteAnswer;
import io.culvert.packet.DropReason;
import java.net.InetAddress;

/**
 * What the host's addresses and routes mean for one tunnel at a moment.
 *
 * @param obstacle why nothing may be sent; null when it may
 * @param explanation a sentence for a person about the obstacle, or about a route that is missing;
 *     empty when all is well
 * @param underlayMtu the MTU of the device that carries outer packets, in bytes; 0 when unknown
 * @param source the address that packets leave from; null when unknown
 * @param route the way to the remote; null when there is none, or none to use
 */
record UnderlayState(
        DropReason obstacle,
        String explanation,
        int underlayMtu,
        InetAddress source,
        RouteAnswer route) {

    /** The largest outer packet that the host knows to get through, in bytes; 0 when unknown. */
    int pathMtu() {
        return route == null ? 0 : route.pathMtu();
    }

    /** Packets cannot leave, or it is not known how. */
    static UnderlayState without(DropReason obstacle, String explanation) {
        return new UnderlayState(obstacle, explanation, 0, null, null);
    }
}
