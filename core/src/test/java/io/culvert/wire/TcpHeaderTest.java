package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TcpHeaderTest {
    // scapy 2.5: IP(src='192.0.2.2', dst='192.0.2.1')/TCP(sport=443, dport=50123, seq=0xfffffff0,
    //   ack=0x80000001, flags='CAPE', window=0xfff0, urgptr=0xbeef, reserved=5,
    //   options=[('NOP',None),('NOP',None),('Timestamp',(0x01020304,0xa0b0c0d0))])/b'xyz'
    private static final byte[] SEGMENT =
            Hex.bytes(
                    "01bb c3cb",
                    "fffffff0",
                    "80000001",
                    "8a d8 fff0",
                    "8b93 beef",
                    "01 01 080a 01020304 a0b0c0d0",
                    "78797a");

    private static final int AT = 5;
    private static final int HEADER_BYTES = 32;
    private static final int PSEUDO =
            InternetChecksum.pseudoHeaderV4Sum(
                    0xc0000202, 0xc0000201, IpProtocol.TCP, SEGMENT.length);

    private final TcpHeader tcp = new TcpHeader();

    @Test
    void everyFieldReadsAsScapyWroteIt() {
        tcp.wrap(Memory.holding(SEGMENT, AT), AT);
        assertThat(tcp.isValid(SEGMENT.length)).isTrue();
        assertThat(tcp.sourcePort()).isEqualTo(443);
        assertThat(tcp.destinationPort()).isEqualTo(50_123);
        assertThat(tcp.ports()).isEqualTo(443 << 16 | 50_123);
        assertThat(tcp.sequenceNumber()).isEqualTo(-16);
        assertThat(tcp.acknowledgmentNumber()).isEqualTo(0x8000_0001);
        assertThat(tcp.headerLengthBytes()).isEqualTo(HEADER_BYTES);
        assertThat(tcp.hasOptions()).isTrue();
        assertThat(tcp.payloadAt()).isEqualTo(AT + HEADER_BYTES);
        assertThat(tcp.flags())
                .isEqualTo(TcpHeader.CWR | TcpHeader.ECE | TcpHeader.ACK | TcpHeader.PSH);
        assertThat(tcp.window()).isEqualTo(0xfff0);
        assertThat(tcp.checksum()).isEqualTo(0x8b93);
        assertThat(tcp.urgentPointer()).isEqualTo(0xbeef);
        assertThat(tcp.hasValidChecksum(SEGMENT.length, PSEUDO)).isTrue();
        assertThat(tcp.hasValidChecksum(SEGMENT.length - 1, PSEUDO)).isFalse();
        assertThat(tcp.hasValidChecksum(SEGMENT.length, PSEUDO - 1)).isFalse();
    }

    @Test
    void aHeaderLaidDownInDirtyMemoryHasNoDirtInIt() {
        ByteBuffer memory = Memory.dirty(AT + 20 + 8);
        tcp.wrap(memory, AT)
                .sourcePort(443)
                .destinationPort(50_123)
                .sequenceNumber(-16)
                .acknowledgmentNumber(0x8000_0001)
                .headerLengthBytes(20)
                .flags(0xd8)
                .window(0xfff0)
                .checksum(0x8b93)
                .urgentPointer(0xbeef);
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT, 20)).isEqualTo("01bbc3cbfffffff08000000150d8fff08b93beef");
        assertThat(Hex.text(memory, AT + 20, 8)).isEqualTo("a5".repeat(8));
        assertThat(tcp.hasOptions()).isFalse();
    }

    @Test
    void aSetterChangesItsOwnFieldOnly() {
        ByteBuffer memory = Memory.holding(SEGMENT, AT);
        tcp.wrap(memory, AT).flags(0);
        assertThat(Hex.text(memory, AT + 12, 4)).isEqualTo("8a00fff0");
        tcp.flags(0xff).window(0);
        assertThat(Hex.text(memory, AT + 12, 4)).isEqualTo("8aff0000");
        tcp.headerLengthBytes(60);
        assertThat(Hex.text(memory, AT + 12, 4)).isEqualTo("f0ff0000");
        assertThat(tcp.headerLengthBytes()).isEqualTo(TcpHeader.MAX_LENGTH);
        assertThat(Hex.text(memory, AT, 12)).isEqualTo("01bbc3cbfffffff080000001");
        assertThat(Hex.text(memory, AT + 16, 4)).isEqualTo("8b93beef");
    }

    @Test
    void theChecksumIsWrittenFromThePayloadsSum() {
        ByteBuffer memory = Memory.holding(SEGMENT, AT);
        int payloadSum = InternetChecksum.sum(memory, AT + HEADER_BYTES, 3, PSEUDO);
        tcp.wrap(memory, AT).checksum(0x1234).writeChecksum(payloadSum);
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT, SEGMENT.length))
                .isEqualTo(Hex.text(ByteBuffer.wrap(SEGMENT), 0, SEGMENT.length));
    }

    @Test
    void aHeaderCutShortIsInvalidAndIsNotReadPastItsEnd() {
        for (int limit = 0; limit < HEADER_BYTES; limit++) {
            ByteBuffer memory = ByteBuffer.wrap(Arrays.copyOf(SEGMENT, limit));
            assertThat(tcp.wrap(memory, 0).isValid(limit)).as("%d bytes", limit).isFalse();
        }
        assertThat(tcp.wrap(ByteBuffer.wrap(SEGMENT), 0).isValid(HEADER_BYTES)).isTrue();
    }

    @Test
    void aDataOffsetBelowFiveWordsIsInvalid() {
        for (int words = 0; words < 16; words++) {
            ByteBuffer memory = ByteBuffer.allocate(64).put(12, (byte) (words << 4));
            assertThat(tcp.wrap(memory, 0).isValid(64)).isEqualTo(words >= 5);
        }
    }

    @Test
    void everyBitOfTheFlagsAndWindowIsCompared() {
        TcpHeader other = new TcpHeader().wrap(Memory.holding(SEGMENT, AT), AT);
        for (int bit = 0; bit < 32; bit++) {
            ByteBuffer memory = Memory.holding(SEGMENT, AT);
            memory.putInt(AT + 12, memory.getInt(AT + 12) ^ 1 << bit);
            tcp.wrap(memory, AT);
            assertThat(tcp.hasSameFlagsAndWindow(other, 0)).as("bit %d", bit).isFalse();
            assertThat(tcp.hasSameFlagsAndWindow(other, TcpHeader.PSH | TcpHeader.CWR))
                    .as("bit %d", bit)
                    .isEqualTo(bit == 16 + 3 || bit == 16 + 7);
        }
        ByteBuffer elsewhere = Memory.holding(SEGMENT, AT);
        elsewhere.putLong(AT, 0).putInt(AT + 8, 0).putInt(AT + 16, 0);
        assertThat(tcp.wrap(elsewhere, AT).hasSameFlagsAndWindow(other, 0)).isTrue();
    }

    @Test
    void everyByteOfTheOptionsIsComparedAndNoOther() {
        TcpHeader other = new TcpHeader().wrap(Memory.holding(SEGMENT, AT), AT);
        for (int i = 0; i < SEGMENT.length; i++) {
            ByteBuffer memory = Memory.holding(SEGMENT, 0);
            memory.put(i, (byte) (memory.get(i) ^ 1));
            boolean isOption = i >= 20 && i < HEADER_BYTES;
            assertThat(other.hasSameOptions(tcp.wrap(memory, 0)))
                    .as("byte %d", i)
                    .isNotEqualTo(isOption);
        }
        byte[] bare = Arrays.copyOf(SEGMENT, 20);
        bare[12] = 0x50;
        TcpHeader withoutOptions = new TcpHeader().wrap(ByteBuffer.wrap(bare), 0);
        assertThat(withoutOptions.hasSameOptions(withoutOptions)).isTrue();
    }

    @Test
    void aHeaderIsLikeAnotherThatDiffersInWhatEachSegmentHasItsOwn() {
        tcp.wrap(Memory.holding(SEGMENT, AT), AT);
        for (int bit = 0; bit < 8 * SEGMENT.length; bit++) {
            ByteBuffer memory = Memory.holding(SEGMENT, 0);
            int at = bit / 8;
            memory.put(at, (byte) (memory.get(at) ^ 0x80 >> bit % 8));
            boolean isSequenceNumber = at >= 4 && at < 8;
            boolean isPush = bit == 8 * 13 + 4;
            boolean isChecksumOrUrgentPointer = at >= 16 && at < 20;
            assertThat(tcp.isLike(memory, 0, HEADER_BYTES))
                    .as("bit %d", bit)
                    .isEqualTo(
                            isSequenceNumber
                                    || isPush
                                    || isChecksumOrUrgentPointer
                                    || at >= HEADER_BYTES);
        }
    }
}
