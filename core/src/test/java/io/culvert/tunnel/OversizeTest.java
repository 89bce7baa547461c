package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpecBuilder;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.Reassembly;
import io.culvert.testing.ReceivingEnd;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.SendingEnd.Sent;
import io.culvert.testing.Specs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of packets that are larger than the path, cell by cell of {@link Oversize}. */
class OversizeTest {
    private static final byte[] BIG = Ipv4Packet.ofBytes(1500).bytes();
    private static final byte[] BIG_DF = Ipv4Packet.ofBytes(1500).dontFragment().bytes();
    private static final byte[] BIG_6 = Ipv6Packet.ofBytes(1500).bytes();

    private static SendingEnd tunnel(TunnelSpecBuilder spec, int outerMtu) {
        return new SendingEnd(spec.build(), outerMtu);
    }

    private static TunnelSpecBuilder nopmtudisc(TunnelMode mode) {
        return Specs.of(mode).payload(payload(mode)).pmtudisc(false);
    }

    private static TunnelSpecBuilder pmtudisc(TunnelMode mode) {
        return Specs.of(mode).payload(payload(mode));
    }

    private static Payload payload(TunnelMode mode) {
        return mode == TunnelMode.IPIP ? Payload.IPV4 : Payload.IP;
    }

    @ParameterizedTest
    @EnumSource(names = {"GRE", "IPIP", "SIT"})
    void theLargestPacketThatFitsGoesWholeAndOneByteMoreDoesNot(TunnelMode mode) {
        int most = pmtudisc(mode).build().innerMtuOver(1500);
        byte[] fits = Ipv4Packet.ofBytes(most).dontFragment().bytes();
        assertThat(tunnel(pmtudisc(mode), 1500).send(fits).only()).hasSize(1500);
        byte[] tooBig = Ipv4Packet.ofBytes(most + 1).dontFragment().bytes();
        assertThat(tunnel(pmtudisc(mode), 1500).send(tooBig).outer()).isEmpty();
    }

    @ParameterizedTest(name = "{0}, outer MTU {1}: {2}")
    @CsvSource({"GRE, 1500, 1476", "GRE, 1300, 1276", "IPIP, 1500, 1480", "SIT, 1300, 1280"})
    void withTheInnerDontFragmentBitTheSenderIsToldWhatFits(
            TunnelMode mode, int outerMtu, int innerMtu) {
        assertFragmentationNeeded(tunnel(pmtudisc(mode), outerMtu).send(BIG_DF), innerMtu);
        assertFragmentationNeeded(tunnel(nopmtudisc(mode), outerMtu).send(BIG_DF), innerMtu);
    }

    private static void assertFragmentationNeeded(Sent sent, int innerMtu) {
        assertThat(sent.outer()).isEmpty();
        assertThat(sent.reason()).isEqualTo(DropReason.TOO_BIG);
        assertThat(sent.errors()).hasSize(1);
        ByteBuffer error = ByteBuffer.wrap(sent.errors().get(0));
        assertThat(error.getShort(20)).isEqualTo((short) 0x0304);
        assertThat(error.getInt(24)).isEqualTo(innerMtu);
    }

    @ParameterizedTest
    @EnumSource(names = {"GRE", "IPIP", "SIT"})
    void withPmtudiscAPacketThatMayBeFragmentedIsBeforeItIsEncapsulated(TunnelMode mode) {
        Sent sent = tunnel(pmtudisc(mode), 1500).send(BIG);
        assertThat(sent.reason()).isNull();
        assertThat(sent.errors()).isEmpty();
        assertThat(sent.outer()).hasSize(2).noneMatch(Reassembly::isFragment);
        assertThat(sent.outer()).allMatch(OversizeTest::hasDontFragment);
        assertThat(sent.outer()).allMatch(packet -> packet.length <= 1500);
        assertThat(Reassembly.of(received(mode, sent.outer()))).containsExactly(BIG);
    }

    @ParameterizedTest
    @EnumSource(names = {"GRE", "IPIP", "SIT"})
    void withoutPmtudiscTheOuterPacketIsFragmented(TunnelMode mode) {
        Sent sent = tunnel(nopmtudisc(mode), 1500).send(BIG);
        assertOuterFragments(mode, sent, 1500, BIG);
        if (mode != TunnelMode.IPIP) {
            assertOuterFragments(mode, tunnel(nopmtudisc(mode), 1500).send(BIG_6), 1500, BIG_6);
        }
    }

    @Test
    void withIgnoreDfEvenWhatMustNotBeFragmentedGoesInOuterFragments() {
        TunnelSpecBuilder spec = nopmtudisc(TunnelMode.GRE).ignoreDf(true);
        for (byte[] inner : List.of(BIG, BIG_DF, BIG_6)) {
            assertOuterFragments(TunnelMode.GRE, tunnel(spec, 1500).send(inner), 1500, inner);
        }
    }

    private static void assertOuterFragments(
            TunnelMode mode, Sent sent, int outerMtu, byte[] inner) {
        assertThat(sent.reason()).isNull();
        assertThat(sent.errors()).isEmpty();
        assertThat(sent.outer()).hasSizeGreaterThan(1).allMatch(Reassembly::isFragment);
        assertThat(sent.outer()).noneMatch(OversizeTest::hasDontFragment);
        assertThat(sent.outer()).allMatch(packet -> packet.length <= outerMtu);
        assertThat(received(mode, Reassembly.of(sent.outer()))).containsExactly(inner);
    }

    private static List<byte[]> received(TunnelMode mode, List<byte[]> outer) {
        ReceivingEnd peer = new ReceivingEnd(Specs.peer(pmtudisc(mode).build()));
        List<byte[]> inner = new ArrayList<>();
        for (byte[] packet : outer) {
            ReceivingEnd.Received received = peer.receive(packet);
            assertThat(received.reason()).isNull();
            inner.add(received.inner());
        }
        return inner;
    }

    private static boolean hasDontFragment(byte[] packet) {
        return (packet[6] & 0x40) != 0;
    }

    @ParameterizedTest(name = "{0}, outer MTU {1}: {2}")
    @CsvSource({"GRE, 1500, 1476", "GRE, 1304, 1280", "SIT, 1500, 1480", "SIT, 1300, 1280"})
    void withPmtudiscAnIpv6SenderIsToldWhatFits(TunnelMode mode, int outerMtu, int innerMtu) {
        assertPacketTooBig(tunnel(pmtudisc(mode), outerMtu).send(BIG_6), innerMtu);
    }

    private static void assertPacketTooBig(Sent sent, int innerMtu) {
        assertThat(sent.outer()).isEmpty();
        assertThat(sent.reason()).isEqualTo(DropReason.TOO_BIG);
        assertThat(sent.errors()).hasSize(1);
        ByteBuffer error = ByteBuffer.wrap(sent.errors().get(0));
        assertThat(error.getShort(40)).isEqualTo((short) 0x0200);
        assertThat(error.getInt(44)).isEqualTo(innerMtu);
    }

    @Test
    void overAPathTooNarrowForIpv6GreSwallowsItAsLinuxDoes() {
        Sent sent = tunnel(pmtudisc(TunnelMode.GRE), 1303).send(Ipv6Packet.ofBytes(1280).bytes());
        assertThat(sent.reason()).isEqualTo(DropReason.TOO_BIG_UNANSWERED);
        assertThat(sent.outer()).isEmpty();
        assertThat(sent.errors()).isEmpty();
    }

    @Test
    void overAPathTooNarrowForIpv6SitFragmentsUpTo1280AndAsksForNoLess() {
        byte[] least = Ipv6Packet.ofBytes(1280).bytes();
        Sent sent = tunnel(pmtudisc(TunnelMode.SIT), 1299).send(least);
        assertOuterFragments(TunnelMode.SIT, sent, 1299, least);
        byte[] more = Ipv6Packet.ofBytes(1281).bytes();
        assertPacketTooBig(tunnel(pmtudisc(TunnelMode.SIT), 1299).send(more), 1280);
    }

    @Test
    void whatEvenFragmentsCannotHoldIsAnswered() {
        TunnelSpecBuilder spec = nopmtudisc(TunnelMode.GRE);
        byte[] most6 = Ipv6Packet.ofBytes(65_511).bytes();
        assertOuterFragments(TunnelMode.GRE, tunnel(spec, 1500).send(most6), 1500, most6);
        assertPacketTooBig(tunnel(spec, 1500).send(Ipv6Packet.ofBytes(65_512).bytes()), 65_511);
        assertPacketTooBig(tunnel(spec, 65_536).send(Ipv6Packet.ofBytes(65_512).bytes()), 65_511);
        byte[] most4 = Ipv4Packet.ofBytes(65_535).bytes();
        assertFragmentationNeeded(tunnel(spec, 1500).send(most4), 65_511);
    }

    @Test
    void optionsAreCopiedOrBlankedAsTheirFlagSays() {
        byte[] record = {7, 7, 4, 0, 0, 0, 0}; // record route: not copied
        byte[] options = {(byte) 148, 4, 0, 0, 1, 7, 7, 4, 0, 0, 0, 0}; // router alert: copied
        assertThat(options).endsWith(record);
        byte[] inner = new Ipv4Packet().options(options).payload(new byte[3000]).ttl(9).bytes();
        Sent sent = tunnel(pmtudisc(TunnelMode.IPIP), 1500).send(inner);
        List<byte[]> fragments = received(TunnelMode.IPIP, sent.outer());
        assertThat(fragments).hasSize(3);
        assertThat(options(fragments.get(0))).isEqualTo(options);
        byte[] blanked = {(byte) 148, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
        assertThat(options(fragments.get(1))).isEqualTo(blanked);
        assertThat(options(fragments.get(2))).isEqualTo(blanked);
        assertThat(Reassembly.of(fragments)).containsExactly(inner);
    }

    @ParameterizedTest
    @CsvSource({"07000000", "07010000", "070a0000", "07", "00070400"})
    void optionsThatContradictThemselvesAreLeftAsTheyAre(String hex) {
        byte[] options = new byte[4];
        byte[] given = Hex.bytes(hex);
        System.arraycopy(given, 0, options, 0, given.length);
        byte[] inner = new Ipv4Packet().options(options).payload(new byte[1500]).bytes();
        List<byte[]> fragments =
                received(
                        TunnelMode.IPIP,
                        tunnel(pmtudisc(TunnelMode.IPIP), 1500).send(inner).outer());
        assertThat(fragments).hasSize(2);
        assertThat(options(fragments.get(1))).isEqualTo(options);
        assertThat(Reassembly.of(fragments)).containsExactly(inner);
    }

    private static byte[] options(byte[] packet) {
        return Arrays.copyOfRange(packet, 20, (packet[0] & 0x0f) * 4);
    }

    @Test
    void aFragmentIsFragmentedFurtherAndKeepsItsPlace() {
        byte[] middle = Ipv4Packet.ofBytes(1500).fragmentOffsetBytes(2960).moreFragments().bytes();
        byte[] last = Ipv4Packet.ofBytes(1500).fragmentOffsetBytes(2960).bytes();
        List<byte[]> ofMiddle =
                received(
                        TunnelMode.GRE,
                        tunnel(pmtudisc(TunnelMode.GRE), 1500).send(middle).outer());
        List<byte[]> ofLast =
                received(TunnelMode.GRE, tunnel(pmtudisc(TunnelMode.GRE), 1500).send(last).outer());
        assertThat(ofMiddle).extracting(Reassembly::offsetBytes).containsExactly(2960, 4416);
        assertThat(ofMiddle).allMatch(OversizeTest::hasMoreFragments);
        assertThat(ofLast).extracting(Reassembly::offsetBytes).containsExactly(2960, 4416);
        assertThat(hasMoreFragments(ofLast.get(0))).isTrue();
        assertThat(hasMoreFragments(ofLast.get(1))).isFalse();
    }

    private static boolean hasMoreFragments(byte[] packet) {
        return (packet[6] & 0x20) != 0;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"576", "552", "1006", "1499", "100", "68"})
    void whateverTheMtuTheFragmentsAreThePacket(int outerMtu) {
        Random random = new Random(outerMtu);
        for (int i = 0; i < 50; i++) {
            byte[] inner = Ipv4Packet.ofBytes(outerMtu + random.nextInt(4000)).bytes();
            Sent inside = tunnel(pmtudisc(TunnelMode.GRE), outerMtu).send(inner);
            assertThat(Reassembly.of(received(TunnelMode.GRE, inside.outer())))
                    .containsExactly(inner);
            Sent outside = tunnel(nopmtudisc(TunnelMode.GRE), outerMtu).send(inner);
            assertOuterFragments(TunnelMode.GRE, outside, outerMtu, inner);
        }
    }

    @Test
    void aShortPacketIsShortWhateverLiesBehindIt() {
        byte[] header = Ipv4Packet.ofBytes(20).bytes();
        byte[] short6 = Ipv6Packet.ofBytes(50).bytes();
        for (byte[] inner : List.of(header, short6)) {
            byte[] padded = Arrays.copyOf(inner, 1600);
            Sent sent = tunnel(pmtudisc(TunnelMode.GRE), 1500).send(padded);
            assertThat(sent.errors()).isEmpty();
            assertThat(sent.only()).hasSize(24 + inner.length).endsWith(inner);
        }
    }

    @Test
    void whatLiesBehindThePacketIsNotSent() {
        byte[] padded = Arrays.copyOf(BIG, 1600);
        Sent sent = tunnel(pmtudisc(TunnelMode.GRE), 1500).send(padded);
        assertThat(Reassembly.of(received(TunnelMode.GRE, sent.outer()))).containsExactly(BIG);
    }

    @ParameterizedTest(name = "room for {0}")
    @CsvSource({"0", "1"})
    void withoutRoomForAllItsFragmentsThePacketIsDropped(int room) {
        SendingEnd inside = tunnel(pmtudisc(TunnelMode.GRE), 1500).roomForFragments(room);
        SendingEnd outside = tunnel(nopmtudisc(TunnelMode.GRE), 1500).roomForFragments(room);
        for (SendingEnd tunnel : List.of(inside, outside)) {
            Sent sent = tunnel.send(BIG);
            assertThat(sent.reason()).isEqualTo(DropReason.FRAGMENT_NO_ROOM);
            assertThat(sent.outer()).hasSize(room);
            assertThat(sent.errors()).isEmpty();
        }
    }

    @Test
    void withoutRoomForTheErrorNobodyIsTold() {
        Sent sent = tunnel(pmtudisc(TunnelMode.GRE), 1500).roomForErrors(0).send(BIG_DF);
        assertThat(sent.reason()).isEqualTo(DropReason.TOO_BIG_UNANSWERED);
        assertThat(sent.errors()).isEmpty();
        sent = tunnel(pmtudisc(TunnelMode.GRE), 1500).roomForErrors(0).send(BIG_6);
        assertThat(sent.reason()).isEqualTo(DropReason.TOO_BIG_UNANSWERED);
        assertThat(sent.errors()).isEmpty();
    }

    @Test
    void theSequenceCountsEveryPacketOnTheWire() {
        SendingEnd tunnel = tunnel(pmtudisc(TunnelMode.GRE).sequence(true), 1500);
        Sent sent = tunnel.send(BIG);
        assertThat(sent.outer()).extracting(OversizeTest::sequence).containsExactly(0, 1);
        assertThat(tunnel.send(BIG_DF).outer()).isEmpty();
        assertThat(sequence(tunnel.send(Ipv4Packet.ofBytes(60).bytes()).only())).isEqualTo(2);
    }

    private static int sequence(byte[] packet) {
        return ByteBuffer.wrap(packet).getInt(24);
    }
}
