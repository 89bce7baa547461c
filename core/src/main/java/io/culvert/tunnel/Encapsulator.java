package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;

/**
 * Turns the inner packets of one tunnel into outer ones, byte for byte as Linux would.
 *
 * <p>Moves each packet's start left and lays the tunnel's {@link OuterTemplate} in front; payload
 * stays where it is. What is larger than the path allows goes to {@link Oversize}. One instance per
 * tunnel and lane, confined to the lane's thread; allocates nothing.
 */
public final class Encapsulator {
    private final TunnelSpec spec;
    private final int remote;
    private final int local;
    private final int overheadBytes;
    private final boolean hasChecksum;
    private final boolean carriesIpv4;
    private final boolean carriesIpv6;
    private final OuterTemplate template4;
    private final OuterTemplate template6;
    private final PathMtu pathMtu;
    private final IcmpErrors icmpErrors;
    private final InnerIcmp innerIcmp;
    private final Oversize oversize;
    private final IdentificationSequence identifications;

    private final Ipv4Header inner4 = new Ipv4Header();
    private final Ipv6Header inner6 = new Ipv6Header();

    private int sequenceNumber;
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
        this.spec = spec;
        this.remote = spec.remoteBits();
        this.local = spec.localBits();
        this.overheadBytes = spec.overheadBytes();
        this.hasChecksum = spec.outputChecksum();
        this.carriesIpv4 = spec.payload().carries(IpVersion.IPV4);
        this.carriesIpv6 = spec.payload().carries(IpVersion.IPV6);
        this.template4 = new OuterTemplate(spec, IpVersion.IPV4);
        this.template6 = new OuterTemplate(spec, IpVersion.IPV6);
        this.pathMtu = pathMtu;
        this.icmpErrors = icmpErrors;
        this.innerIcmp = innerIcmp;
        this.oversize = new Oversize(this, spec, innerIcmp, wire);
        this.identifications = identifications;
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
        return overheadBytes;
    }

    /**
     * Encapsulates one live packet, which may have a tail, or drops it in its slot.
     *
     * @param outerMtu the path's MTU at this moment, in bytes
     */
    public void encapsulate(PacketBatch batch, int slot, int outerMtu, long nowNanos) {
        if (closedReason != null) {
            batch.drop(slot, closedReason);
            return;
        }
        ByteBuffer memory = batch.memory();
        int at = batch.start(slot);
        int version = batch.lengthBytes(slot) > 0 ? IpVersion.of(memory, at) : 0;
        int lengthBytes = wholePacketBytes(version, memory, at, batch.totalBytes(slot));
        if (lengthBytes < 0) {
            batch.drop(slot, DropReason.PAYLOAD_MALFORMED);
            return;
        }
        batch.trimTotal(slot, lengthBytes);
        if (version == IpVersion.IPV4 && isOwnOuterPacket()) {
            batch.drop(slot, DropReason.LOOP);
            return;
        }
        if (!(version == IpVersion.IPV4 ? carriesIpv4 : carriesIpv6)) {
            batch.drop(slot, DropReason.PAYLOAD_NOT_CARRIED);
            return;
        }
        if (lengthBytes + overheadBytes > outerMtu) {
            oversize.handle(batch, slot, outerMtu);
        } else {
            prepend(batch, slot, wantsDontFragment(memory, at, outerMtu));
        }
        if (batch.dropReason(slot) == null && icmpErrors.takeRemembered(nowNanos)) {
            innerIcmp.writeUnreachable(memory, at, lengthBytes - batch.tailBytes(slot));
        }
    }

    /**
     * Encapsulates a packet of the tunnel's own, which is small, or drops it in its slot. Nobody is
     * told by ICMP what happens to it.
     */
    public void encapsulateOwn(PacketBatch batch, int slot) {
        if (closedReason != null) {
            batch.drop(slot, closedReason);
        } else {
            prepend(batch, slot, spec.pmtudisc());
        }
    }

    /**
     * Puts the outer header in front of a packet that is known to be whole.
     *
     * @param dontFragment the outer DF bit
     */
    void prepend(PacketBatch batch, int slot, boolean dontFragment) {
        ByteBuffer memory = batch.memory();
        int innerAt = batch.start(slot);
        boolean isIpv4 = IpVersion.of(memory, innerAt) == IpVersion.IPV4;
        int innerTtl;
        int innerTos;
        if (isIpv4) {
            innerTtl = Ipv4Header.ttl(memory, innerAt);
            innerTos = Ipv4Header.tos(memory, innerAt);
        } else {
            innerTtl = Ipv6Header.hopLimit(memory, innerAt);
            innerTos = Ipv6Header.trafficClass(memory, innerAt);
        }
        OuterTemplate template = isIpv4 ? template4 : template6;
        template.ip()
                .tos(outerTos(innerTos))
                .totalLengthBytes(batch.totalBytes(slot) + overheadBytes)
                .identification(identifications.next())
                .dontFragment(dontFragment)
                .ttl(spec.ttl() == TunnelSpec.TTL_INHERIT ? innerTtl : spec.ttl());
        int payloadSum = hasChecksum ? payloadSum(batch, slot) : 0;
        template.write(memory, batch.prepend(slot, overheadBytes), sequenceNumber, payloadSum);
        sequenceNumber++;
    }

    /** What is in the slot ends at an even offset, so the sums of it and its tail add up. */
    private static int payloadSum(PacketBatch batch, int slot) {
        int tailBytes = batch.tailBytes(slot);
        int tailSum =
                tailBytes == 0
                        ? 0
                        : InternetChecksum.sum(
                                batch.tailSource().memory(), batch.tailStart(slot), tailBytes);
        return InternetChecksum.sum(
                batch.memory(), batch.start(slot), batch.lengthBytes(slot), tailSum);
    }

    /**
     * The outer DF bit: always with pmtudisc, else the inner IPv4 one, unless that is ignored. A
     * 6in4 tunnel never sets it on a path that is too narrow for IPv6 (RFC 4213 §3.2.2).
     */
    private boolean wantsDontFragment(ByteBuffer memory, int innerAt, int outerMtu) {
        boolean isIpv4 = IpVersion.of(memory, innerAt) == IpVersion.IPV4;
        if (spec.pmtudisc()) {
            return isIpv4
                    || spec.mode() != TunnelMode.SIT
                    || outerMtu - overheadBytes >= TunnelSpec.MIN_IPV6_MTU;
        }
        return isIpv4 && !spec.ignoreDf() && Ipv4Header.dontFragment(memory, innerAt);
    }

    /** The length that the packet itself tells, or -1 when it is not all there. */
    private int wholePacketBytes(int version, ByteBuffer memory, int at, int limitBytes) {
        if (version == IpVersion.IPV4 && inner4.wrap(memory, at).isValid(limitBytes)) {
            return inner4.totalLengthBytes();
        }
        if (version == IpVersion.IPV6 && inner6.wrap(memory, at).isValid(limitBytes)) {
            return inner6.totalLengthBytes();
        }
        return -1;
    }

    /**
     * Whether the inner packet is one that this tunnel sent: the route to the remote leads into the
     * tunnel, and each turn would make it a header longer.
     */
    private boolean isOwnOuterPacket() {
        return inner4.destination() == remote
                && (local == Ipv4Address.UNSPECIFIED || inner4.source() == local)
                && (inner4.protocol() == spec.mode().outerProtocol(IpVersion.IPV4)
                        || inner4.protocol() == spec.mode().outerProtocol(IpVersion.IPV6));
    }

    private int outerTos(int innerTos) {
        int dscpFrom = spec.inheritsTos() ? innerTos : spec.tos();
        return dscpFrom & ~Ecn.CE | Ecn.encapsulate(innerTos & Ecn.CE);
    }
}
