package io.culvert.loop;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;
import java.util.Random;

/** Inner packets, each with other bytes; the same ones in every run. */
final class LoopPackets {
    private static final long SEED = 2784; // RFC 2784
    private static final int TTL = 64;
    private static final int SOURCE = 0xc633_6401; // 198.51.100.1
    private static final int DESTINATION = 0xc633_6402;
    private static final long IPV6_PREFIX = 0x2001_0db8_0000_0000L;
    private static final int IPV6_HEADER_BYTES = 40;

    private LoopPackets() {}

    /** Writes a packet into every slot of an empty batch, which stays empty. */
    static void writeAll(PacketBatch batch, LoopCase loopCase) {
        Random random = new Random(SEED);
        ByteBuffer memory = batch.memory();
        for (int slot = 0; slot < batch.capacity(); slot++) {
            int at = batch.slab().packetAt(slot);
            byte[] bytes = new byte[loopCase.innerBytes()];
            random.nextBytes(bytes);
            memory.put(at, bytes);
            if (loopCase.carriesIpv6()) {
                writeIpv6Header(memory, at, loopCase.innerBytes());
            } else {
                writeIpv4Header(memory, at, loopCase.innerBytes());
            }
        }
    }

    private static void writeIpv4Header(ByteBuffer memory, int at, int lengthBytes) {
        new Ipv4Header()
                .wrap(memory, at)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .tos(0)
                .totalLengthBytes(lengthBytes)
                .dontFragment(true)
                .moreFragments(false)
                .fragmentOffsetBytes(0)
                .ttl(TTL)
                .protocol(IpProtocol.UDP)
                .source(SOURCE)
                .destination(DESTINATION)
                .writeHeaderChecksum();
    }

    private static void writeIpv6Header(ByteBuffer memory, int at, int lengthBytes) {
        new Ipv6Header()
                .wrap(memory, at)
                .versionClassAndLabel(0, 0)
                .payloadLengthBytes(lengthBytes - IPV6_HEADER_BYTES)
                .nextHeader(IpProtocol.UDP)
                .hopLimit(TTL)
                .source(IPV6_PREFIX, 1)
                .destination(IPV6_PREFIX, 2);
    }
}
