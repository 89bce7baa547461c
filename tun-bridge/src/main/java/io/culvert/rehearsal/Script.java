package io.culvert.rehearsal;

import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.spec.Payload;
import io.culvert.wire.IpVersion;
import io.culvert.wire.TcpHeader;
import java.util.List;

/**
 * What the two hosts of a rehearsal send, over and over: bulk data and what acknowledges it, small
 * packets of several flows, and something of everything else. What never came, the compiler takes
 * for impossible, and it begins anew when it comes.
 */
final class Script {
    private static final int SLOTS = 16;
    private static final int DATA = TcpHeader.ACK | TcpHeader.PSH;

    // a whole super-packet, and payloads that end on every part of a word
    private static final int MANY = 45 * RehearsalPackets.SEGMENT_BYTES - 1;
    private static final int SOME = 3 * RehearsalPackets.SEGMENT_BYTES + 2;
    private static final int FEW = 61;
    private static final int HALF = RehearsalPackets.SEGMENT_BYTES / 2 + 1;

    private static final int OTHER_TOS = 0x02; // ECT(0), RFC 3168
    private static final int OTHER_HOPS = 3;

    private final List<PacketBatch> forth;
    private final List<PacketBatch> back;

    /**
     * @param left index of the tunnel whose host sends most
     * @param right index of the other one
     */
    Script(Payload payload, int left, int right) {
        int usual = payload.carries(IpVersion.IPV4) ? IpVersion.IPV4 : IpVersion.IPV6;
        int unusual = payload.carries(IpVersion.IPV6) ? IpVersion.IPV6 : IpVersion.IPV4;
        PacketBatch bulk = bulk(usual, left);
        PacketBatch acknowledgments = acknowledgments(usual, right);
        forth = List.of(bulk, bulk, small(usual, left), bulk, everything(usual, unusual, left));
        back =
                List.of(
                        acknowledgments,
                        everything(usual, unusual, right),
                        acknowledgments,
                        small(usual, right),
                        acknowledgments);
    }

    /** What the left host sends in a round. */
    PacketBatch forth(int round) {
        return forth.get(round % forth.size());
    }

    /** What the right host sends in a round. */
    PacketBatch back(int round) {
        return back.get(round % back.size());
    }

    private static PacketBatch bulk(int version, int tunnel) {
        PacketBatch batch = batch();
        new RehearsalPackets(batch, tunnel)
                .over(version)
                .tcp(1, TcpHeader.ACK, MANY)
                .tcp(1, DATA, MANY)
                .tcp(1, TcpHeader.ACK, MANY)
                .tcp(1, DATA, HALF)
                .tcp(1, DATA, FEW);
        return batch;
    }

    private static PacketBatch acknowledgments(int version, int tunnel) {
        PacketBatch batch = batch();
        RehearsalPackets packets = new RehearsalPackets(batch, tunnel).over(version);
        for (int i = 0; i < SLOTS / 2; i++) {
            packets.tcp(1, TcpHeader.ACK, 0);
        }
        return batch;
    }

    private static PacketBatch small(int version, int tunnel) {
        PacketBatch batch = batch();
        RehearsalPackets packets = new RehearsalPackets(batch, tunnel).over(version);
        for (int port = 1; port <= SLOTS / 4; port++) {
            packets.udp(port, FEW + 3).udp(port, FEW + 3).udp(port, FEW + port);
        }
        return batch;
    }

    private static PacketBatch everything(int usual, int unusual, int tunnel) {
        PacketBatch batch = batch();
        new RehearsalPackets(batch, tunnel)
                .over(usual)
                .tcp(1, TcpHeader.SYN, 0)
                .tcp(2, DATA, SOME)
                .tcp(1, TcpHeader.ACK | TcpHeader.FIN, FEW)
                .other(FEW)
                .with(OTHER_TOS, OTHER_HOPS, false)
                .udp(1, FEW)
                .tcp(2, TcpHeader.ACK, SOME)
                .over(unusual)
                .tcp(3, DATA, SOME)
                .tcp(3, TcpHeader.ACK, 0)
                .udp(3, FEW)
                .udp(3, HALF)
                .other(FEW);
        return batch;
    }

    private static PacketBatch batch() {
        return new BatchPool(1, SLOTS, PacketSlab.MAX_PACKET_BYTES, NativeMemory::addressOf)
                .acquire();
    }
}
