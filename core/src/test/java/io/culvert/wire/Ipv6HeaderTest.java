package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Ipv6HeaderTest {
    // scapy 2.5: IPv6(tc=0xba, fl=0xabcde, hlim=3, src='2001:db8::2', dst='ff02::1')
    //            /UDP(sport=1000, dport=2000)/b'xyz'
    private static final byte[] PACKET =
            Hex.bytes(
                    "6baabcde",
                    "000b 11 03",
                    "20010db8 00000000 00000000 00000002",
                    "ff020000 00000000 00000000 00000001",
                    "03e807d0 000bd4e7 78797a");

    private static final int AT = 3;

    private final Ipv6Header ip = new Ipv6Header();

    @Test
    void everyFieldReadsAsScapyWroteIt() {
        ByteBuffer memory = Memory.holding(PACKET, AT);
        ip.wrap(memory, AT);
        assertThat(ip.isValid(PACKET.length)).isTrue();
        assertThat(IpVersion.of(memory, AT)).isEqualTo(IpVersion.IPV6);
        assertThat(ip.trafficClass()).isEqualTo(0xba);
        assertThat(ip.dscp()).isEqualTo(46);
        assertThat(ip.ecn()).isEqualTo(2);
        assertThat(ip.flowLabel()).isEqualTo(0xabcde);
        assertThat(ip.payloadLengthBytes()).isEqualTo(11);
        assertThat(ip.totalLengthBytes()).isEqualTo(51);
        assertThat(ip.payloadAt()).isEqualTo(AT + 40);
        assertThat(ip.nextHeader()).isEqualTo(IpProtocol.UDP);
        assertThat(ip.hopLimit()).isEqualTo(3);
        assertThat(ip.sourceHigh()).isEqualTo(0x20010db8_00000000L);
        assertThat(ip.sourceLow()).isEqualTo(2);
        assertThat(ip.destinationHigh()).isEqualTo(0xff020000_00000000L);
        assertThat(ip.destinationLow()).isEqualTo(1);
        int pseudo = ip.pseudoHeaderSum(IpProtocol.UDP, 11);
        assertThat(InternetChecksum.sum(memory, AT + 40, 11, pseudo)).isEqualTo(0xffff);
    }

    @Test
    void aSingleReadSaysWhatTheViewSays() {
        ByteBuffer memory = Memory.holding(PACKET, AT);
        assertThat(Ipv6Header.trafficClass(memory, AT)).isEqualTo(0xba);
        assertThat(Ipv6Header.totalLengthBytes(memory, AT)).isEqualTo(51);
        assertThat(Ipv6Header.nextHeader(memory, AT)).isEqualTo(17);
        assertThat(Ipv6Header.hopLimit(memory, AT)).isEqualTo(3);
    }

    @Test
    void aHeaderLaidDownInDirtyMemoryHasNoDirtInIt() {
        ByteBuffer memory = Memory.dirty(AT + 40 + 8);
        ip.wrap(memory, AT)
                .versionClassAndLabel(0xba, 0xabcde)
                .payloadLengthBytes(11)
                .nextHeader(IpProtocol.UDP)
                .hopLimit(3)
                .source(0x20010db8_00000000L, 2)
                .destination(0xff020000_00000000L, 1);
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT, 40)).isEqualTo(Hex.text(ByteBuffer.wrap(PACKET), 0, 40));
        assertThat(Hex.text(memory, AT + 40, 8)).isEqualTo("a5".repeat(8));
    }

    @Test
    void aSetterChangesItsOwnFieldOnly() {
        ByteBuffer memory = Memory.holding(PACKET, AT);
        ip.wrap(memory, AT).ecn(3);
        assertThat(Hex.text(memory, AT, 4)).isEqualTo("6bbabcde");
        ip.dscp(0);
        assertThat(Hex.text(memory, AT, 4)).isEqualTo("603abcde");
        ip.dscp(46).ecn(1).dscp(10);
        assertThat(Hex.text(memory, AT, 4)).isEqualTo("629abcde");
        ip.flowLabel(0xfffff);
        assertThat(Hex.text(memory, AT, 4)).isEqualTo("629fffff");
        ip.trafficClass(0xff);
        assertThat(Hex.text(memory, AT, 4)).isEqualTo("6fffffff");
        ip.flowLabel(0).trafficClass(0);
        assertThat(Hex.text(memory, AT, 4)).isEqualTo("60000000");
        assertThat(Hex.text(memory, AT + 4, 36))
                .isEqualTo(Hex.text(ByteBuffer.wrap(PACKET), 4, 36));
    }

    @Test
    void theLargestValuesComeBackUnsigned() {
        ip.wrap(Memory.dirty(40), 0).payloadLengthBytes(0xffff).nextHeader(0xfe).hopLimit(0xff);
        assertThat(ip.payloadLengthBytes()).isEqualTo(0xffff);
        assertThat(ip.totalLengthBytes()).isEqualTo(65_575);
        assertThat(ip.nextHeader()).isEqualTo(0xfe);
        assertThat(ip.hopLimit()).isEqualTo(0xff);
    }

    @Test
    void everyPacketCutShortIsInvalidAndIsNotReadPastItsEnd() {
        for (int limit = 0; limit < PACKET.length; limit++) {
            ByteBuffer memory = ByteBuffer.wrap(Arrays.copyOf(PACKET, limit));
            assertThat(ip.wrap(memory, 0).isValid(limit)).as("%d bytes", limit).isFalse();
        }
        assertThat(ip.wrap(ByteBuffer.wrap(PACKET), 0).isValid(PACKET.length)).isTrue();
        assertThat(ip.wrap(Memory.holding(PACKET, 0), 0).isValid(PACKET.length + 8)).isTrue();
    }

    @Test
    void aHeaderWithoutPayloadIsAPacket() {
        ip.wrap(ByteBuffer.wrap(Arrays.copyOf(PACKET, 40)), 0).payloadLengthBytes(0);
        assertThat(ip.isValid(40)).isTrue();
        assertThat(ip.totalLengthBytes()).isEqualTo(40);
    }

    @Test
    void everyOtherVersionIsInvalid() {
        for (int version = 0; version < 16; version++) {
            ByteBuffer memory = Memory.holding(PACKET, 0);
            memory.put(0, (byte) (version << 4));
            assertThat(ip.wrap(memory, 0).isValid(PACKET.length))
                    .as("version %d", version)
                    .isEqualTo(version == 6);
        }
    }

    @Test
    void onlyOneNodeMayBeToldOfAnErrorAndAGroupHardlyAsks() {
        ip.wrap(Memory.holding(PACKET, 0), 0);
        assertThat(ip.isSourceSingleNode()).isTrue();
        assertThat(ip.isDestinationMulticast()).isTrue();
        ip.source(0, 0).destination(0x20010db8_00000000L, 1);
        assertThat(ip.isSourceSingleNode()).isFalse();
        assertThat(ip.isDestinationMulticast()).isFalse();
        assertThat(ip.source(0xff020000_00000000L, 1).isSourceSingleNode()).isFalse();
        assertThat(ip.source(0, 1).isSourceSingleNode()).isTrue();
    }

    @Test
    void aHeaderIsLikeAnotherThatDiffersInLengthOnly() {
        ip.wrap(Memory.holding(PACKET, AT), AT);
        for (int bit = 0; bit < 8 * PACKET.length; bit++) {
            ByteBuffer memory = Memory.holding(PACKET, 0);
            int at = bit / 8;
            memory.put(at, (byte) (memory.get(at) ^ 0x80 >> bit % 8));
            boolean isLengthOrPayload = at == 4 || at == 5 || at >= Ipv6Header.LENGTH;
            assertThat(ip.isLike(memory, 0)).as("bit %d", bit).isEqualTo(isLengthOrPayload);
        }
    }
}
