package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreFields;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/**
 * The header that a tunnel puts in front of every packet of one IP version, built once.
 *
 * <p>Laid down in words; what differs from packet to packet (lengths, ID, TTL, TOS, DF, checksums,
 * sequence number) is 0 in it and patched through the views afterwards.
 */
final class OuterTemplate {
    private final int headerBytes;
    private final long[] words;
    private final int lastWord;

    /**
     * @param innerVersion 4 or 6, which the tunnel's payload must carry
     */
    OuterTemplate(TunnelSpec spec, int innerVersion) {
        headerBytes = spec.overheadBytes();
        ByteBuffer header = ByteBuffer.allocate(headerBytes);
        new Ipv4Header()
                .wrap(header, 0)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .protocol(spec.mode().outerProtocol(innerVersion))
                .source(spec.localBits())
                .destination(spec.remoteBits());
        if (spec.mode() == TunnelMode.GRE) {
            greFields(spec, innerVersion).write(header, Ipv4Header.MIN_LENGTH);
        }
        words = new long[headerBytes / Long.BYTES];
        for (int i = 0; i < words.length; i++) {
            words[i] = header.getLong(i * Long.BYTES);
        }
        boolean hasHalf = headerBytes % Long.BYTES != 0;
        lastWord = hasHalf ? header.getInt(headerBytes - Integer.BYTES) : 0;
    }

    /** Lays the header down; nothing beyond its own bytes is touched. */
    void write(ByteBuffer memory, int at) {
        int position = at;
        for (long word : words) {
            memory.putLong(position, word);
            position += Long.BYTES;
        }
        if (position < at + headerBytes) {
            memory.putInt(position, lastWord);
        }
    }

    private static GreFields greFields(TunnelSpec spec, int innerVersion) {
        return new GreFields(
                spec.outputChecksum(),
                spec.outputKey().isPresent(),
                spec.outputKey().orElse(0),
                spec.outputSequence(),
                innerVersion == IpVersion.IPV6 ? EtherType.IPV6 : EtherType.IPV4);
    }
}
