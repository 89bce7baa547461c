package io.culvert.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The checksums of TCP and UDP in whole packets, made without the code under test. */
public final class TransportChecksum {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private TransportChecksum() {}

    /** Where the TCP or UDP header starts, behind options and extension headers. */
    public static int transportAt(byte[] packet) {
        return locate(packet)[0];
    }

    /** Whether the TCP or UDP checksum is complete and right. */
    public static boolean isRight(byte[] packet) {
        return NaiveChecksum.sum(withPseudoHeader(packet)) == 0xffff;
    }

    /** Puts the right checksum in. */
    public static byte[] complete(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet).putShort(checksumAt(packet), (short) 0);
        int checksum = NaiveChecksum.of(withPseudoHeader(packet));
        boolean isUdp = locate(packet)[1] == UDP;
        bytes.putShort(checksumAt(packet), (short) (isUdp && checksum == 0 ? 0xffff : checksum));
        return packet;
    }

    /** Puts the sum of the pseudo header in, which is what a host leaves to be completed. */
    public static byte[] leavePartial(byte[] packet) {
        byte[] all = withPseudoHeader(packet);
        int pseudoHeaderBytes = all.length - (packet.length - transportAt(packet));
        int sum = NaiveChecksum.sum(Arrays.copyOf(all, pseudoHeaderBytes));
        ByteBuffer.wrap(packet).putShort(checksumAt(packet), (short) sum);
        return packet;
    }

    /** Where the checksum stands. */
    public static int checksumAt(byte[] packet) {
        return transportAt(packet) + (locate(packet)[1] == TCP ? 16 : 6);
    }

    private static byte[] withPseudoHeader(byte[] packet) {
        int at = transportAt(packet);
        int protocol = locate(packet)[1];
        boolean isIpv4 = packet[0] >> 4 == 4;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(packet, isIpv4 ? 12 : 8, isIpv4 ? 8 : 32);
        all.writeBytes(ByteBuffer.allocate(8).putInt(packet.length - at).putInt(protocol).array());
        all.write(packet, at, packet.length - at);
        return all.toByteArray();
    }

    /** Transport header's place and protocol. */
    private static int[] locate(byte[] packet) {
        if (packet[0] >> 4 == 4) {
            return new int[] {(packet[0] & 0x0f) * 4, packet[9]};
        }
        int at = 40;
        int protocol = packet[6];
        while (protocol != TCP && protocol != UDP) {
            protocol = packet[at];
            at += 8 + 8 * packet[at + 1];
        }
        return new int[] {at, protocol};
    }
}
