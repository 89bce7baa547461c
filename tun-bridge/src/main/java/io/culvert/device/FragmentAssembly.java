package io.culvert.device;

import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/*
 * The kernel would put fragments together for packet sockets, too (PACKET_FANOUT_FLAG_DEFRAG), but
 * for all of a host's such sockets in one place, and before their filters: of two sockets, of one
 * process or of two, only the one that is offered the last fragment first would get the packet.
 */

/**
 * Puts the fragments of outer packets together, as the host's IP does for raw sockets.
 *
 * <p>For {@link #MOST_UNFINISHED} packets at a time, each for 30 seconds at most; when there are
 * more, the oldest is given up. Confined to its lane's thread; what it needs, 1 MiB, is allocated
 * as fragments come.
 */
final class FragmentAssembly {
    static final int MOST_UNFINISHED = 16;

    /** More are needed, or were there already. */
    static final int UNFINISHED = 0;

    /** The fragment, and all that came before of its packet, is of no use. */
    static final int GIVEN_UP = -1;

    private static final long MOST_NANOS = 30_000_000_000L; // net.ipv4.ipfrag_time

    private final UnfinishedPacket[] packets = new UnfinishedPacket[MOST_UNFINISHED];
    private final Ipv4Header fragment = new Ipv4Header();
    private long givenUp;

    /**
     * Takes a fragment whose header is valid. When it was the last one missing, the whole packet
     * stands in its place.
     *
     * @param memory where it stands, with room for a packet of 65,535 bytes
     * @return the packet's length in bytes, {@link #UNFINISHED} or {@link #GIVEN_UP}
     */
    int copyFragment(ByteBuffer memory, int at, long nowNanos) {
        fragment.wrap(memory, at);
        UnfinishedPacket packet = packet(nowNanos);
        if (!packet.copyFragment(memory, fragment)) {
            packet.end();
            return GIVEN_UP;
        }
        return packet.isComplete() ? packet.copyWhole(memory, at) : UNFINISHED;
    }

    /** Packets of which some fragments never came, or came too late. */
    long givenUp() {
        return givenUp;
    }

    private UnfinishedPacket packet(long nowNanos) {
        UnfinishedPacket oldest = null;
        UnfinishedPacket idle = null;
        for (int i = 0; i < packets.length; i++) {
            if (packets[i] == null) {
                packets[i] = idle == null ? new UnfinishedPacket() : null;
            }
            UnfinishedPacket packet = packets[i];
            if (packet == null) {
                break;
            }
            if (!packet.isIdle() && nowNanos - packet.firstSeenNanos() > MOST_NANOS) {
                packet.end();
                givenUp++;
            }
            if (packet.isOf(fragment)) {
                return packet;
            }
            if (packet.isIdle()) {
                idle = packet;
            } else if (oldest == null || packet.firstSeenNanos() - oldest.firstSeenNanos() < 0) {
                oldest = packet;
            }
        }
        if (idle == null) {
            idle = oldest;
            givenUp++;
        }
        idle.begin(fragment, nowNanos);
        return idle;
    }
}
