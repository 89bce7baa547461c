package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.IpVersion;
import java.net.InetAddress;

/**
 * Turns the inner packets of one tunnel into outer ones, byte for byte as Linux would.
 *
 * <p>Moves each packet's start left and has {@link OuterHeaders} put the tunnel's headers in front;
 * payload stays where it is. What is larger than the path allows goes to {@link Oversize}. One
 * instance per tunnel and lane, confined to the lane's thread; allocates nothing.
 */
public final class Encapsulator {
    private final boolean carriesIpv4;
    private final boolean carriesIpv6;
    private final boolean pmtudisc;
    private final InnerPacket inner;
    private final OuterHeaders headers;
    private final Oversize oversize;
    private final InnerPacket refused;
    private final Oversize refusedSize;
    private final PathMtu pathMtu;
    private final IcmpErrors icmpErrors;
    private final InnerIcmp innerIcmp;

    private DropReason closedReason;

    /**
     * @param spec the tunnel, with a remote address
     * @param pathMtu how large outer packets may be
     * @param icmpErrors what is known of errors on the way
     * @param innerIcmp tells inner senders about errors
     * @param wire where fragments go
     * @param identifications the IPv4 IDs; where they start is random outside tests
     */
    public Encapsulator(
            TunnelSpec spec,
            PathMtu pathMtu,
            IcmpErrors icmpErrors,
            InnerIcmp innerIcmp,
            PacketOutlet wire,
            IdentificationSequence identifications) {
        if (spec.remote() == null) {
            throw new IllegalArgumentException(
                    spec.name() + " has no remote address: there is nowhere to send packets to");
        }
        this.carriesIpv4 = spec.payload().carries(IpVersion.IPV4);
        this.carriesIpv6 = spec.payload().carries(IpVersion.IPV6);
        this.pmtudisc = spec.outer().pmtudisc();
        this.inner = new InnerPacket(spec.payload());
        this.headers = new OuterHeaders(spec, identifications);
        this.oversize = new Oversize(headers, innerIcmp, wire);
        // of their own: the wire may refuse a packet while another is being cut into fragments
        this.refused = new InnerPacket(spec.payload());
        this.refusedSize = new Oversize(headers, innerIcmp, wire);
        this.pathMtu = pathMtu;
        this.icmpErrors = icmpErrors;
        this.innerIcmp = innerIcmp;
    }

    /** Encapsulates every live packet of the batch; what cannot be sent is dropped in its slot. */
    public void encapsulate(PacketBatch batch, long nowNanos) {
        int outerMtu = pathMtu.outerMtu(nowNanos);
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.isLive(slot)) {
                encapsulate(batch, slot, outerMtu, nowNanos);
            }
        }
    }

    /**
     * Stops or resumes sending: while a reason is set, every packet is dropped for it.
     *
     * @param reason null to resume
     */
    public void close(DropReason reason) {
        closedReason = reason;
    }

    /** Why nothing is sent; null while the tunnel sends. */
    public DropReason closedReason() {
        return closedReason;
    }

    /** Bytes in front of each inner packet. */
    public int overheadBytes() {
        return headers.overheadBytes();
    }

    /**
     * Sets the outer source address of a tunnel that names none: IPv6 packets say theirs, while the
     * kernel fills that of IPv4 packets in.
     *
     * @param address null while no route to the remote gives one: packets are dropped as {@link
     *     DropReason#NO_ROUTE}
     */
    public void source(InetAddress address) {
        headers.outer().source(address);
    }

    /**
     * Encapsulates one live packet, which may have a tail, or drops it in its slot.
     *
     * @param outerMtu the path's MTU at this moment, in bytes
     */
    public void encapsulate(PacketBatch batch, int slot, int outerMtu, long nowNanos) {
        DropReason refusal = refusal(batch, slot);
        if (refusal != null) {
            batch.drop(slot, refusal);
            return;
        }
        int lengthBytes = inner.lengthBytes();
        batch.trimTotal(slot, lengthBytes);
        int overheadBytes = headers.overheadBytes();
        int mtu = lengthBytes + overheadBytes > outerMtu ? pathMtu.askedMtu(nowNanos) : outerMtu;
        if (lengthBytes + overheadBytes > mtu) {
            oversize.handle(batch, slot, inner, mtu);
        } else {
            int innerMtu = mtu - overheadBytes;
            headers.prepend(batch, slot, inner, headers.outer().wantsDontFragment(inner, innerMtu));
        }
        if (batch.dropReason(slot) == null
                && inner.ipVersion() != 0
                && icmpErrors.takeRemembered(nowNanos)) {
            int at = inner.ipAt() - inner.linkHeaderBytes();
            innerIcmp.writeUnreachable(batch.memory(), at, lengthBytes - batch.tailBytes(slot));
        }
    }

    private DropReason refusal(PacketBatch batch, int slot) {
        if (closedReason != null) {
            return closedReason;
        }
        if (!inner.read(batch.memory(), batch.start(slot), batch.totalBytes(slot))) {
            return DropReason.PAYLOAD_MALFORMED;
        }
        if (headers.outer().isOwnOuterPacket(inner)) {
            return DropReason.LOOP;
        }
        if (!inner.isEthernet() && !(inner.isIpv4() ? carriesIpv4 : carriesIpv6)) {
            return DropReason.PAYLOAD_NOT_CARRIED;
        }
        return headers.outer().hasSource() ? null : DropReason.NO_ROUTE;
    }

    /**
     * Does with a packet that the underlay refused for its size what would have been done if that
     * had been known before: its sender is told, or fragments go instead. Where the host does not
     * say what it takes, the packet stays dropped.
     *
     * @return whether the path's MTU is smaller than it was
     */
    public boolean encapsulateRefused(PacketBatch batch, int slot, long nowNanos) {
        int outerBytes = batch.totalBytes(slot);
        boolean isNews = outerBytes <= pathMtu.outerMtu(nowNanos);
        int outerMtu = pathMtu.mtuAfterRefusal(outerBytes, nowNanos);
        if (outerBytes <= outerMtu) {
            return false;
        }
        batch.revive(slot);
        int innerAt = batch.strip(slot, headers.overheadBytes());
        refused.read(batch.memory(), innerAt, batch.totalBytes(slot)); // as it did before
        refusedSize.handle(batch, slot, refused, outerMtu);
        return isNews;
    }

    /**
     * Encapsulates a packet of the tunnel's own, which is small, or drops it in its slot. Nobody is
     * told by ICMP what happens to it.
     */
    public void encapsulateOwn(PacketBatch batch, int slot) {
        DropReason refusal = refusal(batch, slot);
        if (refusal != null) {
            batch.drop(slot, refusal);
        } else {
            headers.prepend(batch, slot, inner, pmtudisc);
        }
    }
}
