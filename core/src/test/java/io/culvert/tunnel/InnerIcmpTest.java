package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.spec.TunnelMode;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.NaiveChecksum;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.SendingEnd.Sent;
import io.culvert.testing.Specs;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of the errors that inner senders get, and who gets none. */
class InnerIcmpTest {
    private static final int SOURCE = 0x0a09_0002;
    private static final int DESTINATION = 0x0a09_0001;

    private final SendingEnd tunnel = new SendingEnd(Specs.of(TunnelMode.GRE).build(), 1500);

    private static Ipv4Packet big() {
        return Ipv4Packet.ofBytes(1500).dontFragment();
    }

    @Test
    void fragmentationNeededQuotesAsMuchAsFitsInto576Bytes() {
        byte[] inner = big().bytes();
        byte[] error = tunnel.send(inner).errors().get(0);
        byte[] icmp = Arrays.copyOfRange(error, 20, error.length);
        assertThat(NaiveChecksum.of(icmp)).as("checksum over all with itself").isZero();
        assertThat(NaiveChecksum.of(Arrays.copyOf(error, 20))).isZero();
        ByteBuffer bytes = ByteBuffer.wrap(error);
        bytes.putShort(10, (short) 0).putShort(22, (short) 0);
        String header =
                "45 c0 0240  0000 4000  40 01 0000  0a090001 0a090002" // to the sender, DF
                        + "03 04 0000  0000 05c4"; // 1476
        assertThat(Hex.text(bytes, 0, 28)).isEqualTo(header.replace(" ", ""));
        assertThat(Arrays.copyOfRange(error, 28, 576)).isEqualTo(Arrays.copyOf(inner, 548));
        assertThat(error).hasSize(576);
    }

    @Test
    void packetTooBigQuotesAsMuchAsFitsInto1280Bytes() {
        byte[] inner = Ipv6Packet.ofBytes(1500).bytes();
        byte[] error = tunnel.send(inner).errors().get(0);
        assertThat(error).hasSize(1280);
        byte[] icmp = Arrays.copyOfRange(error, 40, error.length);
        byte[] pseudo =
                ByteBuffer.allocate(40 + icmp.length)
                        .put(error, 8, 32)
                        .putInt(icmp.length)
                        .putInt(58)
                        .put(icmp)
                        .array();
        assertThat(NaiveChecksum.of(pseudo)).isZero();
        ByteBuffer bytes = ByteBuffer.wrap(error).putShort(42, (short) 0);
        String header =
                "60000000 04d8 3a 40"
                        + "20010db8 00090000 00000000 00000001"
                        + "20010db8 00090000 00000000 00000002"
                        + "02 00 0000 000005c4";
        assertThat(Hex.text(bytes, 0, 48)).isEqualTo(header.replace(" ", ""));
        assertThat(Arrays.copyOfRange(error, 48, 1280)).isEqualTo(Arrays.copyOf(inner, 1232));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 11, 12})
    void noErrorIsSentAboutAnError(int type) {
        assertUnanswered(big().protocol(1).payload(icmp(type)).bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 13})
    void otherIcmpIsAnswered(int type) {
        assertThat(tunnel.send(big().protocol(1).payload(icmp(type)).bytes()).errors()).hasSize(1);
    }

    private static byte[] icmp(int type) {
        byte[] message = new byte[1480];
        message[0] = (byte) type;
        return message;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 100, 127, 137})
    void noErrorIsSentAboutAnIpv6ErrorOrRedirect(int type) {
        assertUnanswered(Ipv6Packet.ofBytes(1500).nextHeader(58).payload(icmp(type)).bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 129, 135})
    void otherIcmpv6IsAnswered(int type) {
        byte[] inner = Ipv6Packet.ofBytes(1500).nextHeader(58).payload(icmp(type)).bytes();
        assertThat(tunnel.send(inner).errors()).hasSize(1);
    }

    static Stream<byte[]> notToBeAnswered() {
        return Stream.of(
                big().destination(0xe000_0005).bytes(),
                big().destination(0xffff_ffff).bytes(),
                big().destination(0x7f00_0001).bytes(),
                big().source(0).bytes(),
                big().source(0x7f00_0001).bytes(),
                big().source(0xe000_0005).bytes(),
                big().source(0xf000_0001).bytes(),
                big().fragmentOffsetBytes(1480).bytes(),
                Ipv6Packet.ofBytes(1500).destination("ff020000 00000000 00000000 00000001").bytes(),
                Ipv6Packet.ofBytes(1500).source("00000000 00000000 00000000 00000000").bytes(),
                Ipv6Packet.ofBytes(1500).source("00000000 00000000 00000000 00000001").bytes(),
                Ipv6Packet.ofBytes(1500).source("ff020000 00000000 00000000 00000001").bytes());
    }

    @ParameterizedTest
    @MethodSource("notToBeAnswered")
    void noErrorIsSentAboutGroupsLaterFragmentsAndPacketsFromNobody(byte[] inner) {
        assertUnanswered(inner);
    }

    private void assertUnanswered(byte[] inner) {
        Sent sent = tunnel.send(inner);
        assertThat(sent.reason()).isEqualTo(DropReason.TOO_BIG_UNANSWERED);
        assertThat(sent.errors()).isEmpty();
        assertThat(sent.outer()).isEmpty();
    }

    @Test
    void aFirstFragmentIsAnswered() {
        assertThat(tunnel.send(big().moreFragments().bytes()).errors()).hasSize(1);
    }

    @Test
    void aShortPacketIsQuotedWhole() {
        byte[] inner =
                new Ipv4Packet()
                        .source(SOURCE)
                        .destination(DESTINATION)
                        .payload(new byte[2])
                        .dontFragment()
                        .bytes();
        byte[] error =
                new SendingEnd(Specs.of(TunnelMode.IPIP).build(), 40).send(inner).errors().get(0);
        assertThat(error).hasSize(50).endsWith(inner);
    }
}
