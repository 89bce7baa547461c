package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Golden bytes: what Linux 6.18 on x86_64 handed to the reader of a TUN device with all offloads
 * and an MTU of 1476, up to the end of the transport header.
 */
class VirtioNetHeaderTest {
    private static final int PACKET_AT = 64;

    private static final String TCP4 =
            """
            01 01 34 00 90 05 14 00 10 00
            45 02 1c 04 cb 3a 40 00 40 06 cf b3 c0 00 02 01 c0 00 02 02
            b1 26 e4 13 08 b8 04 2d 07 e5 95 18 80 18 00 40 9f fa 00 00
            01 01 08 0a b5 eb 04 d8 09 8c 0b 4f\
            """;
    private static final int TCP4_BYTES = 7172;
    private static final String TCP6 =
            """
            01 04 48 00 7c 05 28 00 10 00
            60 28 12 c5 1b 8c 06 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
            20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
            ac 7a b7 b7 cf 87 50 ea 0f 85 92 03 80 18 00 40 77 07 00 00
            01 01 08 0a 9f ee e5 36 46 14 0f f4\
            """;
    private static final int TCP6_BYTES = 7092;
    private static final String UDP4 =
            """
            01 05 1c 00 f4 01 14 00 06 00
            45 00 06 c0 d8 9f 00 00 40 11 17 8a c0 00 02 01 c0 00 02 02
            ac e6 00 09 06 ac 8a c1\
            """;
    private static final int UDP4_BYTES = 1728;
    private static final String UDP6 =
            """
            01 05 30 00 f4 01 28 00 06 00
            60 0c 52 d7 06 ac 11 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
            20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
            94 24 00 09 06 ac 62 32\
            """;
    private static final int UDP6_BYTES = 1748;

    /** A datagram "hello", of which the kernel left the checksum to us. */
    private static final String PARTIAL4 =
            """
            01 00 00 00 00 00 14 00 06 00
            45 00 00 21 75 d2 40 00 40 11 40 f6 c0 00 02 01 c0 00 02 02
            e4 f0 00 09 00 0d 84 22 68 65 6c 6c 6f\
            """;

    private static final String PARTIAL6 =
            """
            01 00 00 00 00 00 28 00 06 00
            60 08 ed 2e 00 0d 11 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
            20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
            c5 0b 00 09 00 0d 5b 93 68 65 6c 6c 6f\
            """;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(2048);
    private final VirtioNetHeader header = new VirtioNetHeader();

    private VirtioNetHeader golden(String hex) {
        memory.put(PACKET_AT - VirtioNetHeader.LENGTH, bytes(hex));
        return header.wrapBefore(memory, PACKET_AT);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    private byte[] headerInMemory() {
        byte[] bytes = new byte[VirtioNetHeader.LENGTH];
        memory.get(PACKET_AT - VirtioNetHeader.LENGTH, bytes);
        return bytes;
    }

    @Test
    void aTcpSuperPacketTellsItsSegments() {
        VirtioNetHeader tcp4 = golden(TCP4);

        assertThat(tcp4.isValid(TCP4_BYTES)).isTrue();
        assertThat(tcp4.isSuperPacket()).isTrue();
        assertThat(tcp4.needsChecksum()).isTrue();
        assertThat(tcp4.headerBytes()).isEqualTo(20 + 32);
        assertThat(tcp4.segmentBytes()).isEqualTo(1424);
        assertThat(tcp4.checksumStart()).isEqualTo(20);
        assertThat(tcp4.checksumOffset()).isEqualTo(16);
        assertThat(tcp4.segments(TCP4_BYTES)).isGreaterThanOrEqualTo(5).isLessThanOrEqualTo(6);
    }

    @Test
    void theOtherKindsAreValidToo() {
        assertThat(golden(TCP6).isValid(TCP6_BYTES)).isTrue();
        assertThat(header.segmentBytes()).isEqualTo(1404);
        assertThat(golden(UDP4).isValid(UDP4_BYTES)).isTrue();
        assertThat(header.segmentBytes()).isEqualTo(500);
        assertThat(golden(UDP6).isValid(UDP6_BYTES)).isTrue();
        assertThat(header.checksumStart()).isEqualTo(40);
        assertThat(golden(PARTIAL4).isValid(33)).isTrue();
        assertThat(header.isSuperPacket()).isFalse();
        assertThat(golden("00 00 00 00 00 00 00 00 00 00 45").isValid(20)).isTrue();
        assertThat(header.needsChecksum()).isFalse();
    }

    @Test
    void describingASuperPacketMakesTheKernelsOwnBytes() {
        assertDescribed(TCP4, TCP4_BYTES, 1424);
        assertDescribed(TCP6, TCP6_BYTES, 1404);
        assertDescribed(UDP4, UDP4_BYTES, 500);
        assertDescribed(UDP6, UDP6_BYTES, 500);
    }

    private void assertDescribed(String hex, int packetBytes, int segmentBytes) {
        golden(hex);
        byte[] expected = headerInMemory();
        memory.put(PACKET_AT - VirtioNetHeader.LENGTH - 1, garbage(VirtioNetHeader.LENGTH + 1));

        assertThat(header.describeSegments(packetBytes, segmentBytes)).isTrue();

        assertThat(headerInMemory()).isEqualTo(expected);
        assertThat(header.isValid(packetBytes)).isTrue();
        assertThat(memory.get(PACKET_AT - VirtioNetHeader.LENGTH - 1)).isEqualTo((byte) 0xa5);
    }

    private static byte[] garbage(int length) {
        byte[] garbage = new byte[length];
        Arrays.fill(garbage, (byte) 0xa5);
        return garbage;
    }

    @Test
    void describingAPlainPacketClearsTheHeaderAndNothingElse() {
        memory.put(PACKET_AT - 11, garbage(12));

        header.wrapBefore(memory, PACKET_AT).describePlain();

        assertThat(headerInMemory()).containsOnly(0);
        assertThat(memory.get(PACKET_AT - 11)).isEqualTo((byte) 0xa5);
        assertThat(memory.get(PACKET_AT)).isEqualTo((byte) 0xa5);
    }

    @Test
    void oneSegmentIsNoneToSplitButLacksItsChecksum() {
        golden(TCP4);

        assertThat(header.describeSegments(52 + 1424, 1424)).isTrue();
        assertThat(header.isSuperPacket()).isFalse();
        assertThat(header.needsChecksum()).isTrue();
        assertThat(header.segmentBytes()).isZero();

        assertThat(header.describeSegments(52 + 1425, 1424)).isTrue();
        assertThat(header.isSuperPacket()).isTrue();
    }

    @Test
    void aReducedCongestionWindowIsTheFirstSegmentsAlone() {
        golden(TCP4);
        memory.put(PACKET_AT + 20 + 13, (byte) 0x98);

        header.describeSegments(TCP4_BYTES, 1424);

        assertThat(headerInMemory()[1]).isEqualTo((byte) 0x81);
        assertThat(header.isSuperPacket()).isTrue();
        assertThat(header.isValid(TCP4_BYTES)).isTrue();
    }

    @Test
    void extensionHeadersComeBeforeTheTransportHeader() {
        golden(TCP6);
        byte[] tcp = new byte[32];
        memory.get(PACKET_AT + 40, tcp);
        memory.put(PACKET_AT + 6, (byte) 60)
                .put(PACKET_AT + 40, bytes("06 00 01 04 00 00 00 00"))
                .put(PACKET_AT + 48, tcp);

        assertThat(header.describeSegments(TCP6_BYTES, 1404)).isTrue();

        assertThat(header.checksumStart()).isEqualTo(48);
        assertThat(header.headerBytes()).isEqualTo(80);
    }

    @Test
    void whatIsNeitherTcpNorUdpIsNotDescribed() {
        golden(TCP4);
        memory.put(PACKET_AT + 9, (byte) 47);
        assertThat(header.describeSegments(TCP4_BYTES, 1424)).isFalse();
        golden(TCP6);
        memory.put(PACKET_AT + 6, (byte) 58);
        assertThat(header.describeSegments(TCP6_BYTES, 1404)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {PARTIAL4, PARTIAL6})
    void aPartialChecksumIsCompleted(String hex) {
        int packetBytes = bytes(hex).length - VirtioNetHeader.LENGTH;
        VirtioNetHeader partial = golden(hex);

        partial.completeChecksum(packetBytes);

        byte[] packet = new byte[packetBytes];
        memory.get(PACKET_AT, packet);
        assertThat(HandSplitter.transportChecksum(packet)).isZero();
        byte[] expected = bytes(hex);
        int checksumAt = partial.checksumStart() + 6;
        for (int i = 0; i < packetBytes; i++) {
            if (i != checksumAt && i != checksumAt + 1) {
                assertThat(packet[i]).isEqualTo(expected[VirtioNetHeader.LENGTH + i]);
            }
        }
    }

    @Test
    void aChecksumOfZeroIsWrittenAsItsComplement() {
        golden(PARTIAL4);
        // A word of the payload makes up for all the others.
        memory.putShort(PACKET_AT + 28, (short) 0);
        header.completeChecksum(33);
        short complement = memory.getShort(PACKET_AT + 26);
        golden(PARTIAL4);
        memory.putShort(PACKET_AT + 28, complement);

        header.completeChecksum(33);

        assertThat(memory.getShort(PACKET_AT + 26)).isEqualTo((short) 0xffff);
    }

    @Test
    void aChecksumBehindThePacketsEndIsNotValid() {
        assertThat(golden(PARTIAL4).isValid(28)).isTrue();
        assertThat(header.isValid(27)).isFalse();
        assertThat(header.isValid(0)).isFalse();
        assertThat(golden("01 00 00 00 00 00 ff ff ff ff 45").isValid(65_535)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00 01 34 00 90 05 14 00 10 00", // super-packet without a partial checksum
                "01 01 34 00 00 00 14 00 10 00", // segments of nothing
                "01 02 34 00 90 05 14 00 10 00", // a kind that is not known
                "01 03 34 00 90 05 14 00 10 00", // UDP fragments, which were not asked for
                "01 04 34 00 90 05 14 00 10 00", // TCP over IPv6
                "01 01 34 00 90 05 13 00 10 00", // transport header inside the IP header
                "01 01 34 00 90 05 14 00 06 00", // UDP's checksum in TCP
                "01 05 34 00 90 05 14 00 10 00", // TCP's in UDP
                "01 01 34 00 90 05 f1 1b 10 00", // transport header behind the end
                "01 01 34 00 90 05 ff ff 10 00",
                "01 05 34 00 90 05 fd 1b 06 00"
            })
    void aSuperPacketThatContradictsItsHeaderIsNotValid(String hex) {
        golden(TCP4);
        assertThat(golden(hex).isValid(TCP4_BYTES)).isFalse();
    }

    @Test
    void noHeaderLeadsOutOfThePacket() {
        Random random = new Random(20_210_418);
        byte[] bytes = new byte[VirtioNetHeader.LENGTH];
        int valid = 0;
        for (int i = 0; i < 200_000; i++) {
            golden(random.nextBoolean() ? TCP4 : TCP6);
            random.nextBytes(bytes);
            bytes[0] = (byte) (bytes[0] & 3);
            bytes[1] = (byte) (bytes[1] & 0x87);
            bytes[7] = (byte) (bytes[7] & 7);
            bytes[9] = 0;
            memory.put(PACKET_AT - VirtioNetHeader.LENGTH, bytes);
            int packetBytes = random.nextInt(1900);
            if (header.isValid(packetBytes) && header.needsChecksum()) {
                valid++;
                assertThat(header.checksumStart() + header.checksumOffset() + 2)
                        .isLessThanOrEqualTo(packetBytes);
                header.completeChecksum(packetBytes);
                if (header.isSuperPacket()) {
                    assertThat(header.segments(packetBytes)).isPositive();
                }
            }
        }
        assertThat(valid).isGreaterThan(1000);
    }
}
