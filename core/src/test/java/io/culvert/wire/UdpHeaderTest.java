package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class UdpHeaderTest {
    // scapy 2.5: IP(src='192.0.2.2', dst='192.0.2.1')/UDP(sport=50854, dport=9)/b'hello'
    private static final byte[] DATAGRAM = Hex.bytes("c6a6 0009", "000d 714e", "68656c6c 6f");

    private static final int AT = 3;
    private static final int PSEUDO =
            InternetChecksum.pseudoHeaderV4Sum(0xc0000202, 0xc0000201, IpProtocol.UDP, 13);

    private final UdpHeader udp = new UdpHeader();

    @Test
    void everyFieldReadsAsScapyWroteIt() {
        udp.wrap(Memory.holding(DATAGRAM, AT), AT);
        assertThat(udp.isValid(DATAGRAM.length)).isTrue();
        assertThat(udp.sourcePort()).isEqualTo(50_854);
        assertThat(udp.destinationPort()).isEqualTo(9);
        assertThat(udp.ports()).isEqualTo(50_854 << 16 | 9);
        assertThat(udp.lengthBytes()).isEqualTo(13);
        assertThat(udp.checksum()).isEqualTo(0x714e);
        assertThat(udp.hasChecksum()).isTrue();
        assertThat(udp.payloadAt()).isEqualTo(AT + 8);
        assertThat(udp.hasValidChecksum(PSEUDO)).isTrue();
        assertThat(udp.hasValidChecksum(PSEUDO - 1)).isFalse();
    }

    @Test
    void headersAreAlikeByTheirPortsAlone() {
        ByteBuffer memory = Memory.dirty(AT + 8);
        UdpHeader other = new UdpHeader().wrap(memory, AT);
        udp.wrap(Memory.holding(DATAGRAM, 0), 0);
        other.sourcePort(50_854).destinationPort(9).lengthBytes(14);
        assertThat(udp.isLike(memory, AT)).isTrue();
        assertThat(UdpHeader.lengthBytes(memory, AT)).isEqualTo(14);
        other.destinationPort(10);
        assertThat(udp.isLike(memory, AT)).isFalse();
        other.destinationPort(9).sourcePort(50_855);
        assertThat(udp.isLike(memory, AT)).isFalse();
    }

    @Test
    void aHeaderLaidDownInDirtyMemoryHasNoDirtInIt() {
        ByteBuffer memory = Memory.dirty(AT + 8 + 8);
        udp.wrap(memory, AT).sourcePort(50_854).destinationPort(9).lengthBytes(13).checksum(0);
        assertThat(udp.hasChecksum()).isFalse();
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT, 8)).isEqualTo("c6a60009000d0000");
        assertThat(Hex.text(memory, AT + 8, 8)).isEqualTo("a5".repeat(8));
    }

    @Test
    void theChecksumIsWrittenFromThePayloadsSum() {
        ByteBuffer memory = Memory.holding(DATAGRAM, AT);
        udp.wrap(memory, AT).checksum(0x1234);
        udp.writeChecksum(InternetChecksum.sum(memory, AT + 8, 5, PSEUDO));
        assertThat(Hex.text(memory, AT, 13)).isEqualTo("c6a60009000d714e68656c6c6f");
    }

    @Test
    void aChecksumThatComesOutAsZeroIsSentAsOnes() {
        ByteBuffer memory = Memory.dirty(8);
        udp.wrap(memory, 0).sourcePort(1).destinationPort(2).lengthBytes(8);
        udp.writeChecksum(0xffff - 1 - 2 - 8);
        assertThat(udp.checksum()).isEqualTo(0xffff);
        udp.writeChecksum(0xffff - 1 - 2 - 8 - 1);
        assertThat(udp.checksum()).isEqualTo(1);
    }

    @Test
    void theLargestValuesComeBackUnsigned() {
        udp.wrap(Memory.dirty(8), 0)
                .sourcePort(0xffff)
                .destinationPort(0xfffe)
                .lengthBytes(0xfffd)
                .checksum(0xfffc);
        assertThat(udp.sourcePort()).isEqualTo(0xffff);
        assertThat(udp.destinationPort()).isEqualTo(0xfffe);
        assertThat(udp.lengthBytes()).isEqualTo(0xfffd);
        assertThat(udp.checksum()).isEqualTo(0xfffc);
    }

    @Test
    void aDatagramCutShortIsInvalidAndIsNotReadPastItsEnd() {
        for (int limit = 0; limit < DATAGRAM.length; limit++) {
            ByteBuffer memory = ByteBuffer.wrap(Arrays.copyOf(DATAGRAM, limit));
            assertThat(udp.wrap(memory, 0).isValid(limit)).as("%d bytes", limit).isFalse();
        }
        assertThat(udp.wrap(Memory.holding(DATAGRAM, 0), 0).isValid(DATAGRAM.length + 8)).isTrue();
    }

    @Test
    void aLengthBelowTheHeadersIsInvalid() {
        for (int length = 0; length <= 9; length++) {
            udp.wrap(Memory.holding(DATAGRAM, 0), 0).lengthBytes(length);
            assertThat(udp.isValid(DATAGRAM.length)).isEqualTo(length >= 8);
        }
    }
}
