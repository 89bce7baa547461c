package io.culvert.tunnel;

import io.culvert.spec.Gre;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelSpec;
import java.util.Objects;

/**
 * The receiving end of one tunnel in one lane: what each packet is compared with, unpacked, and
 * what changes while it runs. Confined to the lane's thread.
 */
public final class TunnelEndpoint {
    /** The index of a link that is not there: no packet arrives by it, and none leaves. */
    public static final int NO_LINK = -1;

    private final TunnelSpec spec;
    private final int index;
    private int linkIndex;
    private final SequenceWindow sequenceWindow = new SequenceWindow();
    private boolean isUp = true;
    private KeepaliveReceiver keepaliveReceiver;

    /** Which packets are looked up among which tunnels, as {@link TunnelTable#kind}. */
    final int kind;

    final int key;
    final boolean inputChecksum;
    final boolean inputSequence;
    final Payload payload;
    final boolean copiesDscp;

    /** A larger packet may be one that the host joined. */
    int innerMtu = Integer.MAX_VALUE;

    /** The inner protocol that a keepalive has; no packet's without a receiver. */
    int keepaliveProtocol = -1;

    /**
     * @param spec the tunnel
     * @param index the tunnel's index in its lane, 0 or more; {@code PacketBatch.tunnel} of what it
     *     takes
     * @param linkIndex interface index of the underlay device it is bound to, 0 for any, or {@link
     *     #NO_LINK}
     */
    public TunnelEndpoint(TunnelSpec spec, int index, int linkIndex) {
        this.spec = spec;
        this.index = index;
        this.linkIndex = linkIndex;
        this.kind = TunnelTable.kind(spec);
        Gre gre = spec.gre();
        this.key = gre.inputKey().orElse(0);
        this.inputChecksum = gre.inputChecksum();
        this.inputSequence = gre.inputSequence();
        this.payload = spec.payload();
        this.copiesDscp = spec.outer() instanceof OuterIpv6 outer && outer.copiesDscp();
    }

    public TunnelSpec spec() {
        return spec;
    }

    public int index() {
        return index;
    }

    public int linkIndex() {
        return linkIndex;
    }

    /** Binds it to another link. A {@link TunnelTable} made before does not find it any more. */
    public void linkIndex(int newIndex) {
        linkIndex = newIndex;
    }

    /** Whether the device is up; one that is down takes no packets, as if it were not there. */
    public boolean isUp() {
        return isUp;
    }

    public void up(boolean up) {
        isUp = up;
    }

    /** The device's MTU in bytes. */
    public void innerMtu(int mtu) {
        innerMtu = mtu;
    }

    /**
     * Has the tunnel's keepalives taken out of what it receives; without a receiver they are
     * packets like any other.
     *
     * @param protocol the inner protocol or next header that they have
     */
    public void keepaliveReceiver(KeepaliveReceiver receiver, int protocol) {
        keepaliveReceiver = receiver;
        keepaliveProtocol = protocol;
    }

    KeepaliveReceiver keepaliveReceiver() {
        return keepaliveReceiver;
    }

    SequenceWindow sequenceWindow() {
        return sequenceWindow;
    }

    /** Whether the kernel would refuse to have both: nothing tells their packets apart. */
    public boolean isTwinOf(TunnelEndpoint other) {
        return kind == other.kind
                && key == other.key
                && Objects.equals(spec.remote(), other.spec.remote())
                && Objects.equals(spec.local(), other.spec.local())
                && Objects.equals(spec.link(), other.spec.link());
    }
}
