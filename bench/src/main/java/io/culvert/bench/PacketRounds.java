package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * 1,024 different packets in 16 batches, taken in turn, so that no branch predictor and no first
 * level cache knows them by heart; the same ones in every run.
 *
 * <p>All sizes lie in slots for an MTU of 1500, as a device would read them.
 */
final class PacketRounds {
    static final int BATCH = 64;
    static final int ROUNDS = 16;
    static final int PACKETS = BATCH * ROUNDS;

    private static final int SLOT_BYTES = 1500;
    private static final long SEED = 47;
    private static final int ECT_0 = 2;

    private final PacketBatch[] batches = new PacketBatch[ROUNDS];
    private int round;

    /**
     * @param version the IP version of the packets, 4 or 6
     * @param bytes the length of each
     */
    PacketRounds(int version, int bytes) {
        this(version, false, bytes);
    }

    /** The packets that a tunnel carries: for Ethernet, in frames. */
    PacketRounds(TunnelSpec tunnel, int bytes) {
        this(MeasuredTunnel.innerVersion(tunnel), tunnel.payload().isEthernet(), bytes);
    }

    private PacketRounds(int version, boolean isEthernet, int bytes) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            batches[i] = PacketBatch.standalone(BATCH, SLOT_BYTES);
            fill(batches[i], version, isEthernet, bytes, random);
        }
    }

    /**
     * Fills the batch with packets that differ in addresses, TTL, TOS and payload.
     *
     * @param bytes of each IP packet; a frame is its header longer
     */
    static void fill(
            PacketBatch batch,
            int version,
            boolean isEthernet,
            int bytes,
            SplittableRandom random) {
        int linkBytes = isEthernet ? EthernetHeader.LENGTH : 0;
        byte[] packet = new byte[linkBytes + bytes];
        while (!batch.isFull()) {
            int at = batch.nextPacketAt();
            random.nextBytes(packet);
            batch.memory().put(at, packet);
            if (isEthernet) {
                batch.memory().putShort(at + linkBytes - Short.BYTES, (short) etherType(version));
            }
            if (version == IpVersion.IPV4) {
                writeHeader4(batch.memory(), at + linkBytes, bytes, random);
            } else {
                writeHeader6(batch.memory(), at + linkBytes, bytes, random);
            }
            batch.append(packet.length);
        }
    }

    private static int etherType(int version) {
        return version == IpVersion.IPV4 ? EtherType.IPV4 : EtherType.IPV6;
    }

    /** The next batch; after the last comes the first. */
    PacketBatch next() {
        round = round + 1 & ROUNDS - 1;
        return batches[round];
    }

    /** A batch by its number, 0 to 15; {@link #next} starts with 1. */
    PacketBatch batch(int number) {
        return batches[number];
    }

    /**
     * Fails when a packet was dropped: its way is another and shorter one than what is measured.
     */
    void requireAllLive() {
        for (PacketBatch batch : batches) {
            requireAllLive(batch);
        }
    }

    static void requireAllLive(PacketBatch batch) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                throw new IllegalStateException(
                        "a packet was dropped, so this measures something else: "
                                + batch.dropReason(slot));
            }
        }
    }

    private static void writeHeader4(
            ByteBuffer memory, int at, int bytes, SplittableRandom random) {
        new Ipv4Header()
                .wrap(memory, at)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .tos(trafficClass(random))
                .totalLengthBytes(bytes)
                .fragmentation(true, false, 0)
                .ttl(random.nextInt(32, 256))
                .protocol(IpProtocol.UDP)
                .source(0xc612_0000 | random.nextInt(1 << 16)) // 198.18.0.0/16, RFC 2544
                .destination(0xc613_0000 | random.nextInt(1 << 16))
                .writeHeaderChecksum();
    }

    private static void writeHeader6(
            ByteBuffer memory, int at, int bytes, SplittableRandom random) {
        new Ipv6Header()
                .wrap(memory, at)
                .versionClassAndLabel(trafficClass(random), random.nextInt(1 << 20))
                .payloadLengthBytes(bytes - Ipv6Header.LENGTH)
                .nextHeader(IpProtocol.UDP)
                .hopLimit(random.nextInt(32, 256))
                .source(0x2001_0db8_0001_0000L, random.nextLong())
                .destination(0x2001_0db8_0002_0000L, random.nextLong());
    }

    /** Any DSCP; one in four may have congestion marked, and none has. */
    private static int trafficClass(SplittableRandom random) {
        return random.nextInt(64) << 2 | (random.nextInt(4) == 0 ? ECT_0 : 0);
    }
}
