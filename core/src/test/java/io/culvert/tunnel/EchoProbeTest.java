package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.PacketBatch;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The packets are scapy 2.5's: IP()/ICMP(id=0x89ab, seq=7)/data and IPv6()/ICMPv6Echo...(). */
class EchoProbeTest {
    private static final int AT = 13;
    private static final long DRAWN = 0x0123_4567_89ab_cdefL;

    private static final String REQUEST =
            "45c00024000700004001f6bec0a80101c0a80102 0800d02789ab0007 0123456789abcdef";
    private static final String REPLY =
            "45000024270f00004001d076c0a80102c0a80101 0000d82789ab0007 0123456789abcdef";
    private static final String REQUEST_6 =
            "6c00000000103a4020010db800000000000000000000000120010db8000000000000000000000002"
                    + " 8000fc6789ab0007 0123456789abcdef";
    private static final String REPLY_6 =
            "6000000000103a4020010db800000000000000000000000220010db8000000000000000000000001"
                    + " 8100fb6789ab0007 0123456789abcdef";

    private static EchoProbe probe4(boolean isOurs) {
        int one = 0xc0a8_0101;
        int two = 0xc0a8_0102;
        return isOurs ? new Ipv4EchoProbe(one, two, DRAWN) : new Ipv4EchoProbe(two, one, ~DRAWN);
    }

    private static EchoProbe probe6(boolean isOurs) {
        byte[] one = Hex.bytes("20010db8000000000000000000000001");
        byte[] two = Hex.bytes("20010db8000000000000000000000002");
        return isOurs ? new Ipv6EchoProbe(one, two, DRAWN) : new Ipv6EchoProbe(two, one, ~DRAWN);
    }

    static Stream<Arguments> both() {
        return Stream.of(
                Arguments.of(probe4(true), probe4(false), REQUEST, REPLY),
                Arguments.of(probe6(true), probe6(false), REQUEST_6, REPLY_6));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("both")
    void theRequestIsAsScapyBuildsIt(EchoProbe ours, EchoProbe peers, String request, String r) {
        ByteBuffer memory = Memory.dirty(AT + KeepaliveProbe.MAX_BYTES + 4);
        int bytes = ours.write(memory, AT, 7);
        assertThat(Hex.text(memory, AT, bytes)).isEqualTo(request.replace(" ", ""));
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT + bytes, 4)).isEqualTo("a5".repeat(4));
        assertThat(bytes).isLessThanOrEqualTo(KeepaliveProbe.MAX_BYTES);
    }

    @ParameterizedTest(name = "{3}")
    @MethodSource("both")
    void itsReplyIsKnownByEveryBitOfIt(
            EchoProbe ours, EchoProbe peers, String request, String reply) {
        byte[] packet = Hex.bytes(reply);
        int headerBytes = packet.length - 16;
        assertThat(answered(ours, packet)).isEqualTo(7);
        assertThat(answered(peers, packet)).isEqualTo(-1);
        assertThat(answered(ours, Hex.bytes(request))).isEqualTo(-1);
        for (int bit = 0; bit < 128; bit++) {
            byte[] broken = packet.clone();
            broken[headerBytes + bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(answered(ours, broken)).as("bit %d", bit).isEqualTo(-1);
        }
        for (int at = headerBytes == 20 ? 12 : 8; at < headerBytes; at++) {
            byte[] fromElsewhere = packet.clone();
            fromElsewhere[at]++;
            assertThat(answered(ours, fromElsewhere)).as("address at %d", at).isEqualTo(-1);
        }
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("both")
    void aPeersRequestIsRepliedToAsAHostDoes(
            EchoProbe ours, EchoProbe peers, String request, String reply) {
        byte[] packet = Hex.bytes(request);
        assertThat(peers.isPeersRequest(Memory.holding(packet, AT), AT, packet.length)).isTrue();
        assertThat(ours.isPeersRequest(Memory.holding(packet, AT), AT, packet.length)).isFalse();
        PacketBatch batch = PacketBatch.standalone(1, 2048);
        batch.memory().put(batch.nextPacketAt(), packet);
        batch.append(packet.length);
        PacketBatch replies = PacketBatch.standalone(1, 2048);
        peers.copyReply(batch, 0, replies);
        byte[] copied = new byte[replies.lengthBytes(0)];
        replies.memory().get(replies.start(0), copied);
        assertThat(answered(ours, copied)).isEqualTo(7);
        byte[] wrong = packet.clone();
        wrong[wrong.length - 1]++;
        assertThat(peers.isPeersRequest(Memory.holding(wrong, AT), AT, wrong.length)).isFalse();
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("both")
    void aFragmentIsNeither(EchoProbe ours, EchoProbe peers, String request, String reply) {
        if (ours.protocol() == 1) {
            byte[] fragment = Hex.bytes(reply);
            fragment[6] = 0x20;
            assertThat(answered(ours, Ipv4Packet.withHeaderChecksum(fragment))).isEqualTo(-1);
        } else {
            assertThat(ours.protocol()).isEqualTo(58);
            byte[] fragment = Hex.bytes(reply);
            fragment[6] = 44;
            assertThat(answered(ours, fragment)).isEqualTo(-1);
        }
    }

    private static int answered(EchoProbe probe, byte[] packet) {
        return probe.answeredNumber(Memory.holding(packet, AT), AT, packet.length);
    }
}
