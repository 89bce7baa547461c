package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FragmentAssemblyTest {
    private static final int AT = 7;
    private static final long SECOND = 1_000_000_000L;

    private final FragmentAssembly assembly = new FragmentAssembly();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(AT + 65_535);
    private long nowNanos = Long.MAX_VALUE - SECOND;

    private static byte[] packet(int identification, int payloadBytes, Random random) {
        byte[] payload = new byte[payloadBytes];
        random.nextBytes(payload);
        byte[] packet = Packets.ipv4(Packets.GRE, "192.0.2.2", "192.0.2.1", payload);
        new Ipv4Header()
                .wrap(ByteBuffer.wrap(packet), 0)
                .identification(identification)
                .dontFragment(false)
                .writeHeaderChecksum();
        return packet;
    }

    /** The bytes of the payload from one offset to another. */
    private static byte[] piece(byte[] packet, int from, int to) {
        byte[] piece = Arrays.copyOf(packet, 20 + to - from);
        System.arraycopy(packet, 20 + from, piece, 20, to - from);
        new Ipv4Header()
                .wrap(ByteBuffer.wrap(piece), 0)
                .totalLengthBytes(piece.length)
                .fragmentOffsetBytes(from)
                .moreFragments(20 + to < packet.length)
                .writeHeaderChecksum();
        return piece;
    }

    private int add(byte[] fragment) {
        memory.put(AT, fragment);
        return assembly.copyFragment(memory, AT, nowNanos);
    }

    private byte[] whole(int lengthBytes) {
        byte[] whole = new byte[lengthBytes];
        memory.get(AT, whole);
        return whole;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void fragmentsInAnyOrderAndSomeOfThemTwiceBecomeThePacket(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            byte[] packet = packet(random.nextInt(1 << 16), 9 + random.nextInt(9_000), random);
            List<byte[]> pieces = new ArrayList<>();
            int end = packet.length - 20;
            for (int from = 0; from < end; ) {
                int to = Math.min(end, from + 8 * (1 + random.nextInt(200)));
                to = from == 0 && to == end ? 8 : to;
                pieces.add(piece(packet, from, to));
                from = to;
            }
            Collections.shuffle(pieces, random);
            byte[] last = pieces.remove(pieces.size() - 1);
            pieces.add(random.nextInt(pieces.size()), pieces.get(0));
            for (byte[] piece : pieces) {
                assertThat(add(piece)).as("seed %d", seed).isEqualTo(FragmentAssembly.UNFINISHED);
            }
            assertThat(add(last)).as("seed %d", seed).isEqualTo(packet.length);
            assertThat(whole(packet.length)).as("seed %d", seed).isEqualTo(packet);
        }
        assertThat(assembly.givenUp()).isZero();
    }

    @Test
    void packetsAreToldApartByIdentificationAndAddresses() {
        Random random = new Random(1);
        byte[] one = packet(1, 32, random);
        byte[] two = packet(2, 32, random);
        assertThat(add(piece(one, 0, 16))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(add(piece(two, 16, 32))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(add(piece(two, 0, 16))).isEqualTo(two.length);
        assertThat(whole(two.length)).isEqualTo(two);
        assertThat(add(piece(one, 16, 32))).isEqualTo(one.length);
        assertThat(whole(one.length)).isEqualTo(one);
    }

    @Test
    void fragmentsThatOverlapOrContradictEachOtherEndThePacket() {
        Random random = new Random(1);
        byte[] packet = packet(1, 64, random);
        byte[] longer = packet(1, 72, random);
        byte[] shorter = packet(1, 40, random);
        assertThat(add(piece(packet, 0, 16))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(add(piece(packet, 8, 24))).isEqualTo(FragmentAssembly.GIVEN_UP);
        // nothing is left of it
        assertThat(add(piece(packet, 16, 64))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(add(piece(longer, 64, 72))).isEqualTo(FragmentAssembly.GIVEN_UP);

        assertThat(add(piece(packet, 40, 56))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(add(piece(shorter, 32, 40))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(add(piece(packet, 0, 32))).isEqualTo(FragmentAssembly.GIVEN_UP);
    }

    @Test
    void fragmentsThatCannotBeAreGivenUp() {
        byte[] packet = packet(1, 64, new Random(1));
        byte[] odd = piece(packet, 0, 12);
        byte[] beyond = piece(packet, 8, 64);
        new Ipv4Header().wrap(ByteBuffer.wrap(beyond), 0).fragmentOffsetBytes(65_528);
        assertThat(add(odd)).isEqualTo(FragmentAssembly.GIVEN_UP);
        assertThat(add(beyond)).isEqualTo(FragmentAssembly.GIVEN_UP);
        assertThat(add(piece(packet, 0, 0))).isEqualTo(FragmentAssembly.GIVEN_UP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2 3 3", "3 1 3", "0 3 -1", "3 0 -1", "0 0 0", "2 2 2"})
    void congestionSeenByOneFragmentIsThePacketsUnlessItsSenderWouldNotHear(String ecns) {
        String[] bits = ecns.split(" ");
        byte[] packet = packet(1, 32, new Random(1));
        byte[] first = piece(packet, 0, 16);
        byte[] second = piece(packet, 16, 32);
        first[1] = Byte.parseByte(bits[0]);
        second[1] = Byte.parseByte(bits[1]);
        int expected = Integer.parseInt(bits[2]);
        add(first);
        assertThat(add(second)).isEqualTo(expected < 0 ? FragmentAssembly.GIVEN_UP : packet.length);
        if (expected >= 0) {
            Ipv4Header whole = new Ipv4Header().wrap(memory, AT);
            assertThat(whole.ecn()).isEqualTo(expected);
            assertThat(whole.hasValidHeaderChecksum()).isTrue();
        }
    }

    @Test
    void theOldestIsGivenUpWhenThereAreTooMany() {
        Random random = new Random(1);
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i <= FragmentAssembly.MOST_UNFINISHED; i++) {
            packets.add(packet(i, 32, random));
            assertThat(add(piece(packets.get(i), 0, 16))).isEqualTo(FragmentAssembly.UNFINISHED);
            nowNanos++;
        }
        assertThat(assembly.givenUp()).isEqualTo(1);
        for (int i = 1; i < packets.size(); i++) {
            assertThat(add(piece(packets.get(i), 16, 32))).isEqualTo(52);
            assertThat(whole(52)).isEqualTo(packets.get(i));
        }
        assertThat(add(piece(packets.get(0), 16, 32))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(assembly.givenUp()).isEqualTo(1);
    }

    @Test
    void afterThirtySecondsAFragmentIsOfAnotherPacket() {
        Random random = new Random(1);
        byte[] old = packet(1, 32, random);
        byte[] young = packet(1, 32, random);
        add(piece(old, 0, 16));
        nowNanos += 31 * SECOND;
        assertThat(add(piece(young, 16, 32))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(assembly.givenUp()).isEqualTo(1);
        assertThat(add(piece(young, 0, 16))).isEqualTo(52);
        assertThat(whole(52)).isEqualTo(young);
    }

    @Test
    void theLargestPacketFitsAndALargerOneIsGivenUp() {
        Random random = new Random(1);
        byte[] packet = packet(1, 65_515, random);
        assertThat(add(piece(packet, 0, 65_512))).isEqualTo(FragmentAssembly.UNFINISHED);
        assertThat(add(piece(packet, 65_512, 65_515))).isEqualTo(65_535);
        assertThat(whole(65_535)).isEqualTo(packet);
    }
}
