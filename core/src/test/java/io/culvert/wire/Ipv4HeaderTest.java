package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import io.culvert.testing.NaiveChecksum;
import io.culvert.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4HeaderTest {
    // scapy 2.5: IP(tos=0xb9, id=0x1234, flags='MF', frag=185, ttl=17, proto=47,
    //               src='192.0.2.2', dst='198.51.100.7', len=1044)
    private static final byte[] FRAGMENT =
            Hex.bytes("45 b9 0414", "1234 20b9", "11 2f 85d8", "c0000202", "c6336407");

    // scapy 2.5: IP(id=0xbeef, flags='DF', ttl=64, src='192.0.2.2', dst='192.0.2.1',
    //               options=[IPOption_RR(pointer=4, routers=['0.0.0.0', '0.0.0.0'])])
    //            /UDP(sport=50854, dport=9)/b'hello'
    private static final byte[] WITH_OPTIONS =
            Hex.bytes(
                    "48 00 002d",
                    "beef 4000",
                    "40 11 e9c1",
                    "c0000202",
                    "c0000201",
                    "070b0400 00000000 00000000",
                    "c6a60009 000d714e 68656c6c 6f");

    private static final int AT = 5;

    private final Ipv4Header ip = new Ipv4Header();

    @Test
    void everyFieldOfAFragmentReadsAsScapyWroteIt() {
        ByteBuffer memory = Memory.holding(FRAGMENT, AT);
        ip.wrap(memory, AT);
        assertThat(IpVersion.of(memory, AT)).isEqualTo(IpVersion.IPV4);
        assertThat(ip.headerLengthBytes()).isEqualTo(20);
        assertThat(ip.hasOptions()).isFalse();
        assertThat(ip.tos()).isEqualTo(0xb9);
        assertThat(ip.dscp()).isEqualTo(46);
        assertThat(ip.ecn()).isEqualTo(1);
        assertThat(ip.totalLengthBytes()).isEqualTo(1044);
        assertThat(ip.payloadLengthBytes()).isEqualTo(1024);
        assertThat(ip.payloadAt()).isEqualTo(AT + 20);
        assertThat(ip.identification()).isEqualTo(0x1234);
        assertThat(ip.dontFragment()).isFalse();
        assertThat(ip.moreFragments()).isTrue();
        assertThat(ip.fragmentOffsetBytes()).isEqualTo(1480);
        assertThat(ip.isFragment()).isTrue();
        assertThat(ip.ttl()).isEqualTo(17);
        assertThat(ip.protocol()).isEqualTo(IpProtocol.GRE);
        assertThat(ip.headerChecksum()).isEqualTo(0x85d8);
        assertThat(ip.hasValidHeaderChecksum()).isTrue();
        assertThat(ip.source()).isEqualTo(0xc0000202);
        assertThat(ip.destination()).isEqualTo(0xc6336407);
    }

    @Test
    void optionsMoveThePayloadAndCountInTheChecksum() {
        ip.wrap(Memory.holding(WITH_OPTIONS, AT), AT);
        assertThat(ip.isValid(WITH_OPTIONS.length)).isTrue();
        assertThat(ip.hasOptions()).isTrue();
        assertThat(ip.headerLengthBytes()).isEqualTo(32);
        assertThat(ip.payloadAt()).isEqualTo(AT + 32);
        assertThat(ip.payloadLengthBytes()).isEqualTo(13);
        assertThat(ip.hasValidHeaderChecksum()).isTrue();
        assertThat(ip.dontFragment()).isTrue();
        assertThat(ip.isFragment()).isFalse();
        assertThat(ip.headerChecksum(0).writeHeaderChecksum().headerChecksum()).isEqualTo(0xe9c1);
    }

    @Test
    void aSingleReadSaysWhatTheViewSays() {
        ByteBuffer memory = Memory.holding(FRAGMENT, AT);
        assertThat(Ipv4Header.tos(memory, AT)).isEqualTo(0xb9);
        assertThat(Ipv4Header.totalLengthBytes(memory, AT)).isEqualTo(1044);
        assertThat(Ipv4Header.dontFragment(memory, AT)).isFalse();
        assertThat(Ipv4Header.ttl(memory, AT)).isEqualTo(17);
        assertThat(Ipv4Header.protocol(memory, AT)).isEqualTo(47);
        assertThat(Ipv4Header.source(memory, AT)).isEqualTo(0xc0000202);
        assertThat(Ipv4Header.destination(memory, AT)).isEqualTo(0xc6336407);
        assertThat(Ipv4Header.dontFragment(Memory.holding(WITH_OPTIONS, AT), AT)).isTrue();
    }

    @Test
    void aHeaderLaidDownInDirtyMemoryHasNoDirtInIt() {
        ByteBuffer memory = Memory.dirty(AT + 20 + 8);
        ip.wrap(memory, AT)
                .versionAndHeaderLength(20)
                .tos(0xb9)
                .totalLengthBytes(1044)
                .identification(0x1234)
                .fragmentation(false, true, 1480)
                .ttl(17)
                .protocol(IpProtocol.GRE)
                .source(0xc0000202)
                .destination(0xc6336407)
                .writeHeaderChecksum();
        assertThat(Hex.text(memory, 0, AT + 20 + 8))
                .isEqualTo(
                        "a5".repeat(AT)
                                + "45b90414123420b9112f85d8c0000202c6336407"
                                + "a5".repeat(8));
    }

    @Test
    void aSetterChangesItsOwnFieldOnly() {
        ByteBuffer memory = Memory.holding(FRAGMENT, AT);
        ip.wrap(memory, AT).dscp(0).ecn(2).dontFragment(true).moreFragments(false);
        assertThat(ip.tos()).isEqualTo(0x02);
        assertThat(ip.dontFragment()).isTrue();
        assertThat(ip.moreFragments()).isFalse();
        assertThat(ip.fragmentOffsetBytes()).isEqualTo(1480);
        ip.fragmentOffsetBytes(8).moreFragments(true).dontFragment(false).dscp(46).ecn(3);
        assertThat(Hex.text(memory, AT, 20)).isEqualTo("45bb041412342001112f85d8c0000202c6336407");
        assertThat(ip.isFragment()).isTrue();
        assertThat(ip.fragmentOffsetBytes(0).isFragment()).isTrue();
        assertThat(ip.moreFragments(false).isFragment()).isFalse();
    }

    @Test
    void aLastFragmentIsAFragment() {
        ip.wrap(Memory.holding(FRAGMENT, 0), 0).fragmentation(true, false, 8);
        assertThat(ip.isFragment()).isTrue();
        assertThat(ip.dontFragment()).isTrue();
        assertThat(ip.fragmentation(true, false, 0).isFragment()).isFalse();
    }

    @Test
    void theLargestValuesComeBackUnsigned() {
        ip.wrap(Memory.dirty(20), 0)
                .totalLengthBytes(0xffff)
                .identification(0xfffe)
                .fragmentation(false, false, 0xfff8)
                .headerChecksum(0xfffd)
                .tos(0xff)
                .ttl(0xfe)
                .protocol(0xfd);
        assertThat(ip.totalLengthBytes()).isEqualTo(0xffff);
        assertThat(ip.identification()).isEqualTo(0xfffe);
        assertThat(ip.fragmentOffsetBytes()).isEqualTo(0xfff8);
        assertThat(ip.moreFragments()).isFalse();
        assertThat(ip.dontFragment()).isFalse();
        assertThat(ip.headerChecksum()).isEqualTo(0xfffd);
        assertThat(ip.tos()).isEqualTo(0xff);
        assertThat(ip.ttl()).isEqualTo(0xfe);
        assertThat(ip.protocol()).isEqualTo(0xfd);
    }

    @Test
    void everyPacketCutShortIsInvalidAndIsNotReadPastItsEnd() {
        for (int limit = 0; limit < WITH_OPTIONS.length; limit++) {
            ByteBuffer memory = ByteBuffer.wrap(Arrays.copyOf(WITH_OPTIONS, limit));
            assertThat(ip.wrap(memory, 0).isValid(limit)).as("%d bytes", limit).isFalse();
        }
        assertThat(ip.wrap(ByteBuffer.wrap(WITH_OPTIONS), 0).isValid(WITH_OPTIONS.length)).isTrue();
    }

    @Test
    void aHeaderWithoutPayloadIsAPacket() {
        ip.wrap(ByteBuffer.wrap(Arrays.copyOf(FRAGMENT, 20)), 0).totalLengthBytes(20);
        assertThat(ip.isValid(20)).isTrue();
        assertThat(ip.payloadLengthBytes()).isZero();
    }

    @Test
    void everySetterReturnsItsOwnView() {
        ip.wrap(Memory.holding(WITH_OPTIONS, 0), 0);
        assertThat(ip.tosUpdatingChecksum(1)).isSameAs(ip);
        assertThat(ip.ecnUpdatingChecksum(1)).isSameAs(ip);
        assertThat(ip.ttlUpdatingChecksum(1)).isSameAs(ip);
        assertThat(ip.writeHeaderChecksum()).isSameAs(ip);
    }

    @Test
    void bytesBehindThePacketDoNoHarm() {
        ip.wrap(Memory.holding(WITH_OPTIONS, 0), 0);
        assertThat(ip.isValid(WITH_OPTIONS.length + 8)).isTrue();
        assertThat(ip.totalLengthBytes()).isEqualTo(WITH_OPTIONS.length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void aHeaderLengthBelowFiveWordsIsInvalid(int words) {
        ByteBuffer memory = Memory.holding(WITH_OPTIONS, 0);
        ip.wrap(memory, 0).versionAndHeaderLength(4 * words);
        assertThat(ip.isValid(WITH_OPTIONS.length)).isFalse();
    }

    @Test
    void aTotalLengthBelowTheHeaderLengthIsInvalid() {
        ip.wrap(Memory.holding(WITH_OPTIONS, 0), 0);
        for (int total = 0; total < 32; total++) {
            assertThat(ip.totalLengthBytes(total).isValid(60)).as("total %d", total).isFalse();
        }
        assertThat(ip.totalLengthBytes(32).isValid(32)).isTrue();
    }

    @Test
    void everyOtherVersionIsInvalid() {
        for (int version = 0; version < 16; version++) {
            ByteBuffer memory = Memory.holding(WITH_OPTIONS, 0);
            memory.put(0, (byte) (version << 4 | 8));
            assertThat(IpVersion.of(memory, 0)).isEqualTo(version);
            assertThat(ip.wrap(memory, 0).isValid(WITH_OPTIONS.length))
                    .as("version %d", version)
                    .isEqualTo(version == 4);
        }
    }

    @Test
    void aSingleFlippedBitBreaksTheChecksum() {
        for (int bit = 0; bit < 8 * 32; bit++) {
            ByteBuffer memory = Memory.holding(WITH_OPTIONS, 0);
            ip.wrap(memory, 0);
            int headerLengthField = 4; // flipping these bits changes what the checksum covers
            if (bit >= headerLengthField && bit < 8) {
                continue;
            }
            memory.put(bit / 8, (byte) (memory.get(bit / 8) ^ 0x80 >> bit % 8));
            assertThat(ip.hasValidHeaderChecksum()).as("bit %d", bit).isFalse();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void patchingTosEcnAndTtlLeavesTheChecksumThatRecomputingGives(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] header = new byte[20 + 4 * random.nextInt(11)];
            random.nextBytes(header);
            ByteBuffer memory = Memory.holding(header, AT);
            ip.wrap(memory, AT).versionAndHeaderLength(header.length).writeHeaderChecksum();
            int tos = random.nextInt(256);
            ip.tosUpdatingChecksum(tos);
            assertThat(ip.tos()).isEqualTo(tos);
            assertChecksumEqualsRecomputation(memory, header.length);
            int ecn = random.nextInt(4);
            ip.ecnUpdatingChecksum(ecn);
            assertThat(ip.tos()).isEqualTo(tos & 0xfc | ecn);
            assertChecksumEqualsRecomputation(memory, header.length);
            int ttl = random.nextInt(256);
            int protocol = ip.protocol();
            ip.ttlUpdatingChecksum(ttl);
            assertThat(ip.ttl()).isEqualTo(ttl);
            assertThat(ip.protocol()).isEqualTo(protocol);
            assertChecksumEqualsRecomputation(memory, header.length);
        }
    }

    @Test
    void aHeaderIsLikeAnotherThatDiffersInLengthIdentificationOrChecksumOnly() {
        ip.wrap(Memory.holding(FRAGMENT, AT), AT);
        for (int bit = 0; bit < 8 * FRAGMENT.length; bit++) {
            ByteBuffer memory = Memory.holding(FRAGMENT, 0);
            int at = bit / 8;
            memory.put(at, (byte) (memory.get(at) ^ 0x80 >> bit % 8));
            boolean isEachPacketsOwn = at >= 2 && at < 6 || at >= 10 && at < 12;
            assertThat(ip.isLike(memory, 0)).as("bit %d", bit).isEqualTo(isEachPacketsOwn);
        }
    }

    private void assertChecksumEqualsRecomputation(ByteBuffer memory, int headerLengthBytes) {
        byte[] header = new byte[headerLengthBytes];
        memory.get(AT, header);
        header[10] = 0;
        header[11] = 0;
        assertThat(ip.headerChecksum()).isEqualTo(NaiveChecksum.of(header));
        assertThat(ip.hasValidHeaderChecksum()).isTrue();
    }
}
