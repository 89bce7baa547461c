package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GreHeaderTest {
    // scapy 2.5: GRE(chksum_present=1, key_present=1, seqnum_present=1, key=0x01020304,
    //                seqence_number=0xfffffffe, proto=0x86dd)/b'odd payload'
    private static final byte[] ALL_THREE =
            Hex.bytes("b000 86dd", "3468 0000", "01020304", "fffffffe", "6f646420 7061796c 6f6164");

    // tcpdump tests/various_gre.pcap: a Cisco keepalive's answer, key 0x28
    private static final byte[] KEEPALIVE_ANSWER = Hex.bytes("2000 0000", "00000028");

    private static final int AT = 7;

    private final GreHeader gre = new GreHeader();

    @Test
    void everyFieldReadsAsScapyWroteIt() {
        gre.wrap(Memory.holding(ALL_THREE, AT), AT);
        assertThat(gre.isValid(ALL_THREE.length)).isTrue();
        assertThat(gre.hasChecksum()).isTrue();
        assertThat(gre.hasKey()).isTrue();
        assertThat(gre.hasSequence()).isTrue();
        assertThat(gre.hasRouting()).isFalse();
        assertThat(gre.hasStrictSourceRoute()).isFalse();
        assertThat(gre.isPlain()).isFalse();
        assertThat(gre.version()).isZero();
        assertThat(gre.reservedFlags()).isZero();
        assertThat(gre.protocolType()).isEqualTo(EtherType.IPV6);
        assertThat(gre.checksum()).isEqualTo(0x3468);
        assertThat(gre.reserved1()).isZero();
        assertThat(gre.key()).isEqualTo(0x01020304);
        assertThat(gre.sequenceNumber()).isEqualTo(0xfffffffe);
        assertThat(gre.lengthBytes()).isEqualTo(GreHeader.MAX_LENGTH);
        assertThat(gre.payloadAt()).isEqualTo(AT + 16);
        assertThat(gre.hasValidChecksum(ALL_THREE.length)).isTrue();
        assertThat(gre.hasValidChecksum(ALL_THREE.length - 1)).isFalse();
    }

    @Test
    void aKeepaliveAnswerIsAHeaderAndNothingElse() {
        gre.wrap(Memory.holding(KEEPALIVE_ANSWER, AT), AT);
        assertThat(gre.isValid(8)).isTrue();
        assertThat(gre.protocolType()).isEqualTo(EtherType.KEEPALIVE);
        assertThat(gre.hasKey()).isTrue();
        assertThat(gre.key()).isEqualTo(0x28);
        assertThat(gre.lengthBytes()).isEqualTo(8);
        assertThat(gre.hasChecksum()).isFalse();
        assertThat(gre.hasSequence()).isFalse();
    }

    @Test
    void theRoutingBitBringsTheChecksumWordAlong() {
        // scapy 2.5: GRE(routing_present=1, key_present=1, proto=0x800, key=5)/b'even'
        gre.wrap(Memory.holding(Hex.bytes("6000 0800", "0000 0000", "00000005", "6576656e"), 0), 0);
        assertThat(gre.hasRouting()).isTrue();
        assertThat(gre.hasChecksum()).isFalse();
        assertThat(gre.isPlain()).isFalse();
        assertThat(gre.lengthBytes()).isEqualTo(12);
        assertThat(gre.key()).isEqualTo(5);
    }

    @Test
    void theBitsThatReceiversJudgeDifferentlyAreToldApart() {
        // scapy 2.5: GRE(strict_route_source=1, recursion_control=5, flags=0xa, version=1,
        //                proto=0x880b)
        gre.wrap(Memory.holding(Hex.bytes("0d51 880b"), 0), 0);
        assertThat(gre.hasStrictSourceRoute()).isTrue();
        assertThat(gre.reservedFlags()).isEqualTo(0x50);
        assertThat(gre.version()).isEqualTo(1);
        assertThat(gre.isPlain()).isTrue();
        assertThat(gre.lengthBytes()).isEqualTo(4);
        // 0x0080 and the recursion bits count as neither
        gre.wrap(Memory.holding(Hex.bytes("0780 0800"), 0), 0);
        assertThat(gre.reservedFlags()).isZero();
        assertThat(gre.version()).isZero();
        assertThat(gre.hasStrictSourceRoute()).isFalse();
    }

    @Test
    void everySetOfFlagsHasItsLengthAndNoShorterPacketIsValid() {
        for (int flags = 0; flags < 16; flags++) {
            boolean checksumWord = (flags & 0xc) != 0; // C or R
            int length = 4 + (checksumWord ? 4 : 0) + (flags & 2) * 2 + (flags & 1) * 4;
            byte[] header = new byte[length];
            header[0] = (byte) (flags << 4);
            for (int limit = 0; limit < length; limit++) {
                gre.wrap(ByteBuffer.wrap(Arrays.copyOf(header, limit)), 0);
                assertThat(gre.isValid(limit)).as("flags %x, %d bytes", flags, limit).isFalse();
            }
            gre.wrap(ByteBuffer.wrap(header), 0);
            assertThat(gre.isValid(length)).as("flags %x", flags).isTrue();
            assertThat(gre.lengthBytes()).as("flags %x", flags).isEqualTo(length);
            assertThat(gre.isPlain()).isEqualTo(flags == 0);
        }
    }

    @Test
    void settersPatchTheFieldsThatTheFlagsPromise() {
        for (int flags = 0; flags < 8; flags++) {
            boolean hasChecksum = (flags & 4) != 0;
            boolean hasKey = (flags & 2) != 0;
            boolean hasSequence = (flags & 1) != 0;
            GreFields fields =
                    new GreFields(hasChecksum, hasKey, hasKey ? 7 : 0, hasSequence, 0x0800);
            ByteBuffer memory = Memory.dirty(AT + 16 + 6);
            int payloadAt = fields.write(memory, AT);
            gre.wrap(memory, AT).protocolType(EtherType.IPV6);
            int octet = (hasChecksum ? 0x80 : 0) | (hasKey ? 0x20 : 0) | (hasSequence ? 0x10 : 0);
            String expected = String.format("%02x0086dd", octet);
            if (hasKey) {
                gre.key(0x80000001);
            }
            if (hasSequence) {
                gre.sequenceNumber(0xfffffffd);
            }
            if (hasChecksum) {
                gre.checksum(0xbeef);
                expected += "beef0000";
            }
            expected += (hasKey ? "80000001" : "") + (hasSequence ? "fffffffd" : "");
            assertThat(Hex.text(memory, AT, payloadAt - AT)).isEqualTo(expected);
            assertThat(memory.get(payloadAt)).isEqualTo(Memory.DIRT);
        }
    }

    @Test
    void reserved1IsReadButDoesNotMakeAHeaderInvalid() {
        ByteBuffer memory = Memory.holding(ALL_THREE, AT);
        memory.putShort(AT + 6, (short) 0xfedc);
        gre.wrap(memory, AT);
        assertThat(gre.reserved1()).isEqualTo(0xfedc);
        assertThat(gre.isValid(ALL_THREE.length)).isTrue();
        assertThat(gre.writeChecksum(ALL_THREE.length).hasValidChecksum(ALL_THREE.length)).isTrue();
    }

    @Test
    void aWrittenChecksumIsTheOneThatScapyComputed() {
        ByteBuffer memory = Memory.holding(ALL_THREE, AT);
        gre.wrap(memory, AT).checksum(0xdead).writeChecksum(ALL_THREE.length);
        assertThat(gre.checksum()).isEqualTo(0x3468);
        assertThat(Hex.text(memory, AT + ALL_THREE.length, 8)).isEqualTo("a5".repeat(8));
    }

    @Test
    void aFlippedBitAnywhereBreaksTheChecksum() {
        for (int bit = 0; bit < 8 * ALL_THREE.length; bit++) {
            ByteBuffer memory = Memory.holding(ALL_THREE, AT);
            int at = AT + bit / 8;
            memory.put(at, (byte) (memory.get(at) ^ 0x80 >> bit % 8));
            assertThat(gre.wrap(memory, AT).hasValidChecksum(ALL_THREE.length))
                    .as("bit %d", bit)
                    .isFalse();
        }
    }
}
