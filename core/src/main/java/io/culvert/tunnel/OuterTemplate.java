package io.culvert.tunnel;

import io.culvert.spec.OuterIpv4;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelSpec;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The outer IP header of a tunnel's packets, prepared once, and what its family says about packets
 * that are too large. One instance per tunnel and lane; confined to the lane's thread.
 */
abstract sealed class OuterTemplate permits OuterIpv4Template, OuterIpv6Template {
    /** What to do with a packet that is larger than the path allows. */
    enum Oversized {
        /** Tell the sender how large it may be, and drop it. */
        ANSWER,
        /** Drop it: nobody may be told, or nobody could do anything about it. */
        DROP,
        /** Fragment it, and encapsulate the fragments. */
        FRAGMENT_INNER,
        /** Encapsulate it, and fragment the outer packet. */
        FRAGMENT_OUTER
    }

    static OuterTemplate of(TunnelSpec spec, IdentificationSequence identifications) {
        if (spec.outer() instanceof OuterIpv4 ipv4) {
            return new OuterIpv4Template(spec, ipv4, identifications);
        }
        return new OuterIpv6Template(spec, (OuterIpv6) spec.outer());
    }

    /**
     * Lays the header down; nothing beyond its own bytes is touched.
     *
     * @param outerBytes of the whole outer packet
     * @param dontFragment the DF bit, where the family has one
     */
    abstract void write(
            ByteBuffer memory, int at, int outerBytes, InnerPacket inner, boolean dontFragment);

    /** The DF bit of a packet that fits. */
    abstract boolean wantsDontFragment(InnerPacket inner, int innerMtu);

    /** What becomes of a packet for which the path has no room. */
    abstract Oversized oversized(InnerPacket inner, int innerMtu);

    /** The MTU that the sender of a packet that is too large is told. */
    abstract int toldMtu(InnerPacket inner, int innerMtu);

    /**
     * Whether the inner packet is one that this tunnel sent: the route to the remote leads into the
     * tunnel, and each turn would make it a header longer.
     */
    abstract boolean isOwnOuterPacket(InnerPacket inner);

    /**
     * Sets the source address of a tunnel that names none, where the kernel does not fill it in.
     *
     * @param address null while none is known
     */
    void source(InetAddress address) {}

    /** Whether packets can be written: the source address is known or filled in by the kernel. */
    boolean hasSource() {
        return true;
    }
}
