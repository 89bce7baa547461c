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

class InternetChecksumTest {
    @Test
    void theExampleOfRfc1071SumsAsPrinted() {
        ByteBuffer memory = Memory.holding(Hex.bytes("0001 f203 f4f5 f6f7"), 0); // RFC 1071 §3
        assertThat(InternetChecksum.sum(memory, 0, 8)).isEqualTo(0xddf2);
        assertThat(InternetChecksum.checksum(memory, 0, 8)).isEqualTo(0x220d);
    }

    @Test
    void theExampleOfRfc1624UpdatesToZeroAndNotToItsComplement() {
        // RFC 1624 §4: where the equation of RFC 1141 yields 0xffff
        assertThat(InternetChecksum.update(0xdd2f, 0x5555, 0x3285)).isEqualTo(0x0000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void everySizeAtEveryAlignmentEqualsTheNaiveLoop(long seed) {
        Random random = new Random(seed);
        for (int size = 0; size <= 290; size++) {
            for (int alignment = 0; alignment < 8; alignment++) {
                byte[] bytes = new byte[size];
                random.nextBytes(bytes);
                ByteBuffer memory = Memory.holding(bytes, alignment);
                assertThat(InternetChecksum.sum(memory, alignment, size))
                        .as("%d bytes at %d", size, alignment)
                        .isEqualTo(NaiveChecksum.sum(bytes));
                assertThat(InternetChecksum.checksum(memory, alignment, size))
                        .as("%d bytes at %d", size, alignment)
                        .isEqualTo(NaiveChecksum.of(bytes));
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void onceCompiledIntoVectorsItStillEqualsTheNaiveLoop(long seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[2000];
        random.nextBytes(bytes);
        ByteBuffer memory = Memory.holding(bytes, 1);
        for (int i = 0; i < 30_000; i++) { // more often than C2 waits for
            int from = random.nextInt(64);
            int size = random.nextInt(bytes.length - from);
            byte[] piece = Arrays.copyOfRange(bytes, from, from + size);
            int sum = InternetChecksum.sum(memory, 1 + from, size);
            assertThat(sum)
                    .as("bytes from %d on: %d", from, size)
                    .isEqualTo(NaiveChecksum.sum(piece));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1399, 1400, 1500, 9000, 65534, 65535})
    void noCarryIsLostInTheLargestValues(int size) {
        byte[] ones = new byte[size];
        Arrays.fill(ones, (byte) 0xff);
        assertThat(InternetChecksum.sum(Memory.holding(ones, 1), 1, size))
                .isEqualTo(NaiveChecksum.sum(ones));
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        assertThat(InternetChecksum.sum(Memory.holding(noise, 2), 2, size))
                .isEqualTo(NaiveChecksum.sum(noise));
    }

    @Test
    void aSumContinuedAtAnyEvenPlaceIsTheSumOfTheWhole() {
        byte[] bytes = new byte[97];
        new Random(97).nextBytes(bytes);
        ByteBuffer memory = Memory.holding(bytes, 3);
        for (int cut = 0; cut <= bytes.length; cut += 2) {
            int head = InternetChecksum.sum(memory, 3, cut);
            assertThat(InternetChecksum.sum(memory, 3 + cut, bytes.length - cut, head))
                    .as("cut at %d", cut)
                    .isEqualTo(NaiveChecksum.sum(bytes));
        }
    }

    @Test
    void bytesAroundTheDataDoNotCountAndNothingIsWritten() {
        ByteBuffer memory = Memory.dirty(64);
        memory.put(20, new byte[10]).position(7).limit(60);
        assertThat(InternetChecksum.sum(memory, 20, 10)).isZero();
        assertThat(Hex.text(memory, 0, 20)).isEqualTo("a5".repeat(20));
        assertThat(Hex.text(memory, 30, 30)).isEqualTo("a5".repeat(30));
        assertThat(memory.position()).isEqualTo(7);
        assertThat(memory.limit()).isEqualTo(60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void foldingAddsWordsUntilSixteenBitsAreLeft(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long sum = random.nextLong() >>> random.nextInt(64);
            long folded = sum;
            while (folded >>> 16 != 0) {
                folded = (folded & 0xffff) + (folded >>> 16);
            }
            assertThat(InternetChecksum.fold(sum)).as("fold of %x", sum).isEqualTo((int) folded);
        }
        assertThat(InternetChecksum.fold(-1L)).isEqualTo(0xffff);
        assertThat(InternetChecksum.fold(0)).isZero();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void anIncrementalUpdateEqualsARecomputation(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[20];
            random.nextBytes(bytes);
            ByteBuffer memory = ByteBuffer.wrap(bytes);
            int before = NaiveChecksum.of(bytes);
            int word = 2 * random.nextInt(10);
            short old = memory.getShort(word);
            // every eighth change makes the sum 0xffff, where the two zeros of RFC 1624 §3 meet
            short changed = i % 8 == 0 ? (short) (old + before) : (short) random.nextInt();
            memory.putShort(word, changed);
            assertThat(InternetChecksum.update(before, old, changed))
                    .as("%04x from %04x to %04x", before, old & 0xffff, changed & 0xffff)
                    .isEqualTo(NaiveChecksum.of(bytes));
        }
    }

    @Test
    void anIpv4PseudoHeaderCompletesTheChecksumThatScapyComputed() {
        // scapy 2.5: IP(src='192.0.2.2', dst='192.0.2.1')/UDP(sport=50854, dport=9)/b'hello'
        ByteBuffer memory = Memory.holding(Hex.bytes("c6a60009 000d714e 68656c6c 6f"), 0);
        int pseudo = InternetChecksum.pseudoHeaderV4Sum(0xc0000202, 0xc0000201, IpProtocol.UDP, 13);
        assertThat(InternetChecksum.sum(memory, 0, 13, pseudo)).isEqualTo(0xffff);
    }

    @Test
    void anIpv6PseudoHeaderCompletesTheChecksumThatScapyComputed() {
        // scapy 2.5: IPv6(src='2001:db8::2', dst='ff02::1')/UDP(sport=1000, dport=2000)/b'xyz'
        ByteBuffer memory =
                Memory.holding(
                        Hex.bytes(
                                "20010db8 00000000 00000000 00000002",
                                "ff020000 00000000 00000000 00000001",
                                "03e807d0 000bd4e7 78797a"),
                        0);
        int pseudo = InternetChecksum.pseudoHeaderV6Sum(memory, 0, IpProtocol.UDP, 11);
        assertThat(InternetChecksum.sum(memory, 32, 11, pseudo)).isEqualTo(0xffff);
    }

    @Test
    void complementTurnsASumIntoAChecksumAndBack() {
        assertThat(InternetChecksum.complement(0xddf2)).isEqualTo(0x220d);
        assertThat(InternetChecksum.complement(0x220d)).isEqualTo(0xddf2);
        assertThat(InternetChecksum.complement(0)).isEqualTo(0xffff);
    }
}
