package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Topology;
import java.util.Optional;

/** Who cuts TCP's super-packets into packets that fit the cable. */
enum Segmentation {
    /** Nobody: a veth hands them over whole, as no real card can. */
    OFFLOADED,
    /** The sender's kernel, as with a card that knows nothing of tunnels. */
    PER_PACKET;

    String suffix() {
        return this == OFFLOADED ? "" : "-per-packet";
    }

    String description() {
        return this == OFFLOADED ? "" : ", the cable without segmentation offload";
    }

    Optional<String> obstacle() {
        return this == OFFLOADED || Command.exists("ethtool")
                ? Optional.empty()
                : Optional.of("ethtool is not installed");
    }

    void applyTo(Topology topology) throws InterruptedException {
        if (this == PER_PACKET) {
            String off = "ethtool -K " + Host.WIRE + " tso off gso off";
            topology.left().run(off);
            topology.right().run(off);
        }
    }
}
