/**
 * What the peer does and what the way to it does to packets, told by watching the wire while a few
 * harmless packets are sent through the tunnel.
 *
 * <p>A packet socket sees what comes in before any packet filter does, and what leaves after all of
 * them; so what is seen here is what the network did. {@link io.culvert.doctor.peer.Sightings} are
 * what was seen, and judging them ({@code PeerFindings}) needs no network.
 */
package io.culvert.doctor.peer;
