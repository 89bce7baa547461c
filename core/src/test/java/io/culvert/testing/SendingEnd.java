package io.culvert.testing;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.IcmpErrors;
import io.culvert.tunnel.IdentificationSequence;
import io.culvert.tunnel.InnerIcmp;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.PacketOutlet;
import io.culvert.tunnel.PathMtu;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The sending half of one tunnel, without channels: packets in, packets out. */
public final class SendingEnd {
    private final PacketBatch batch = PacketBatch.standalone(1, 65_535);
    private final PacketBatch wire;
    private final PacketBatch device = PacketBatch.standalone(4, 1280);
    private final PathMtu pathMtu;
    private final IcmpErrors icmpErrors;
    private final Encapsulator encapsulator;
    private int roomForFragments = Integer.MAX_VALUE;
    private int roomForErrors = Integer.MAX_VALUE;
    private long nowNanos;

    public SendingEnd(TunnelSpec spec, int outerMtu) {
        wire = wireOf(outerMtu);
        pathMtu = new PathMtu(outerMtu);
        PacketOutlet errors = () -> device.size() < roomForErrors ? device : null;
        InnerIcmp innerIcmp = new InnerIcmp(errors, spec.payload());
        icmpErrors = new IcmpErrors(spec, pathMtu, innerIcmp);
        PacketOutlet fragments = () -> wire.size() < roomForFragments ? wire : null;
        encapsulator =
                new Encapsulator(
                        spec,
                        pathMtu,
                        icmpErrors,
                        innerIcmp,
                        fragments,
                        IdentificationSequence.after(0xfff0));
    }

    /** For the largest packet, on a path that may turn out to be the narrowest that is believed. */
    private static PacketBatch wireOf(int outerMtu) {
        boolean isWide = outerMtu > 9000;
        int narrowest = isWide ? outerMtu : Math.min(outerMtu, PathMtu.LEAST_BELIEVED);
        int fragments = 65_535 / Math.max(8, narrowest - 104) + 2;
        return PacketBatch.standalone(fragments, Math.max(68, Math.min(outerMtu, 65_535)));
    }

    /**
     * What became of one packet.
     *
     * @param outer what goes onto the wire, in its order
     * @param errors what goes back to the device: ICMP errors
     * @param reason why it was dropped, or null
     */
    public record Sent(List<byte[]> outer, List<byte[]> errors, DropReason reason) {
        /** The one packet that was sent. */
        public byte[] only() {
            if (outer.size() != 1) {
                throw new AssertionError("sent " + outer.size() + " packets, dropped: " + reason);
            }
            return outer.get(0);
        }
    }

    /** Encapsulates one packet. */
    public Sent send(byte[] inner) {
        batch.clear();
        wire.clear();
        device.clear();
        append(batch, inner);
        encapsulator.encapsulate(batch, nowNanos);
        List<byte[]> outer = bytes(wire);
        if (batch.isLive(0)) {
            outer.add(0, bytes(batch, 0));
        }
        return new Sent(outer, bytes(device), batch.dropReason(0));
    }

    /** Hears of an error; returns the ICMP errors that inner senders are told at once. */
    public List<byte[]> hear(OuterError error) {
        device.clear();
        icmpErrors.accept(error, nowNanos);
        return bytes(device);
    }

    /** Lets time pass. */
    public SendingEnd passNanos(long nanos) {
        nowNanos += nanos;
        return this;
    }

    public SendingEnd roomForFragments(int fragments) {
        roomForFragments = fragments;
        return this;
    }

    public SendingEnd roomForErrors(int errors) {
        roomForErrors = errors;
        return this;
    }

    public PathMtu pathMtu() {
        return pathMtu;
    }

    public Encapsulator encapsulator() {
        return encapsulator;
    }

    /** The largest outer packet of now. */
    public int outerMtu() {
        return pathMtu.outerMtu(nowNanos);
    }

    /** An ICMP error from the middle of the network about an outer packet. */
    public static OuterError icmp(int type, int code, int mtu, byte[] quoted) {
        return OuterError.icmpv4(0, type, code, mtu, router(), ByteBuffer.wrap(quoted));
    }

    private static InetAddress router() {
        try {
            return InetAddress.getByName("198.51.100.1");
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    static void append(PacketBatch batch, byte[] packet) {
        batch.memory().put(batch.nextPacketAt(), packet);
        batch.append(packet.length);
    }

    static List<byte[]> bytes(PacketBatch batch) {
        List<byte[]> packets = new ArrayList<>();
        for (int slot = 0; slot < batch.size(); slot++) {
            packets.add(bytes(batch, slot));
        }
        return packets;
    }

    static byte[] bytes(PacketBatch batch, int slot) {
        byte[] packet = new byte[batch.lengthBytes(slot)];
        batch.memory().get(batch.start(slot), packet);
        return packet;
    }
}
