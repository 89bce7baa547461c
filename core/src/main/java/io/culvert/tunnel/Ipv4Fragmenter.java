package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/**
 * Splits an IPv4 packet into fragments, each copied into a slot of its own (RFC 791 §3.2).
 *
 * <p>The only place where payload is copied: a fragment needs a header where its predecessor's
 * payload lies. One instance per thread; used as {@link #split}, then {@link #copyNext} while
 * {@link #hasNext}.
 */
final class Ipv4Fragmenter {
    private static final int OFFSET_UNIT_BYTES = 8;
    private static final int OPTION_END = 0;
    private static final int OPTION_NO_OPERATION = 1;
    private static final int OPTION_COPIED_FLAG = 0x80;

    private final Ipv4Header packet = new Ipv4Header();
    private final Ipv4Header fragment = new Ipv4Header();
    private ByteBuffer memory;
    private int at;
    private int headerBytes;
    private int payloadEnd;
    private int payloadPerFragment;
    private int position;

    /**
     * Starts on a packet whose header has passed {@code isValid}.
     *
     * @param mtu the largest fragment, header included; at least a header and 8 bytes
     */
    void split(ByteBuffer packetMemory, int packetAt, int mtu) {
        memory = packetMemory;
        at = packetAt;
        packet.wrap(memory, at);
        headerBytes = packet.headerLengthBytes();
        payloadEnd = packet.totalLengthBytes();
        payloadPerFragment = (mtu - headerBytes) / OFFSET_UNIT_BYTES * OFFSET_UNIT_BYTES;
        position = headerBytes;
    }

    boolean hasNext() {
        return position < payloadEnd;
    }

    /**
     * Copies the next fragment behind the batch's last packet.
     *
     * @return its slot
     */
    int copyNext(PacketBatch target) {
        int payloadBytes = Math.min(payloadPerFragment, payloadEnd - position);
        ByteBuffer targetMemory = target.memory();
        int targetAt = target.nextPacketAt();
        targetMemory.put(targetAt, memory, at, headerBytes);
        targetMemory.put(targetAt + headerBytes, memory, at + position, payloadBytes);
        boolean isFirst = position == headerBytes;
        boolean isLast = position + payloadBytes == payloadEnd;
        if (!isFirst) {
            blankOptionsNotCopied(targetMemory, targetAt);
        }
        // of a packet that is a fragment itself, every piece but its own last has more behind it
        fragment.wrap(targetMemory, targetAt)
                .totalLengthBytes(headerBytes + payloadBytes)
                .fragmentOffsetBytes(packet.fragmentOffsetBytes() + position - headerBytes)
                .moreFragments(!isLast || packet.moreFragments())
                .writeHeaderChecksum();
        position += payloadBytes;
        return target.append(headerBytes + payloadBytes);
    }

    /** Options without the copied flag stand in the first fragment only; no-operations fill up. */
    private void blankOptionsNotCopied(ByteBuffer targetMemory, int targetAt) {
        int i = targetAt + Ipv4Header.MIN_LENGTH;
        int end = targetAt + headerBytes;
        while (i < end) {
            int option = targetMemory.get(i) & 0xff;
            if (option == OPTION_END) {
                return;
            }
            if (option == OPTION_NO_OPERATION) {
                i++;
                continue;
            }
            int optionBytes = i + 1 < end ? targetMemory.get(i + 1) & 0xff : 0;
            if (optionBytes < 2 || i + optionBytes > end) {
                return;
            }
            if ((option & OPTION_COPIED_FLAG) == 0) {
                for (int j = i; j < i + optionBytes; j++) {
                    targetMemory.put(j, (byte) OPTION_NO_OPERATION);
                }
            }
            i += optionBytes;
        }
    }
}
