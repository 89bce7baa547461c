package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.spec.TunnelMode;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.Specs;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which packets are keepalives to be answered, and which are anything else. */
class KeepaliveAnswerTest {
    // scapy 2.5: IP(src='192.0.2.1', dst='192.0.2.2', id=1)/GRE()/IP(src='192.0.2.2',
    // dst='192.0.2.1', id=1)/GRE(proto=0)/b'Keepalive Request for gre test'
    private static final String WITH_TEXT =
            "4500004e00010000402ff67c c0000201c0000202 00000800"
                    + "4500003600010000402ff694 c0000202c0000201 00000000"
                    + "4b656570616c697665205265717565737420666f72206772652074657374";

    private EmbeddedLane lane;

    @AfterEach
    void close() {
        lane.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                WITH_TEXT,
                // Huawei's type
                "4500003400010000402ff696 c0000201c0000202 00000004"
                        + "4500001800010000402ff6b2 c0000202c0000201 00000000"
            })
    void keepalivesOfOtherMakersAreAnsweredToo(String hex) {
        byte[] request = Ipv4Packet.withHeaderChecksum(Hex.bytes(hex));
        byte[] inner = Arrays.copyOfRange(request, 24, request.length);
        inner[8]--;
        lane = new EmbeddedLane(1500, Specs.of(TunnelMode.GRE).build());
        request[2] = 0;
        request[3] = (byte) request.length;
        lane.readFromWire(Ipv4Packet.withHeaderChecksum(request));
        assertThat(lane.sentToWire()).containsExactly(Ipv4Packet.withHeaderChecksum(inner));
        assertThat(lane.counts(0))
                .containsEntry("KEEPALIVE_ANSWERS_SENT", 1L)
                .doesNotContainKey("DELIVERED");
    }

    /** The columns: what becomes of it, and the inner packet. */
    @ParameterizedTest
    @CsvSource({
        // neither to the peer nor just made: a keepalive's answer of somebody behind the peer
        "delivered, 45c00018 00a30000 fe2f0000 c6336401 c6336402 00000000",
        // GRE that carries something
        "delivered, 45c00018 00a30000 ff2f0000 c0000202 c0000201 00000800",
        "delivered, 45c00018 00a30000 ff2f0000 c0000202 c0000201 00000001",
        // with a key, where the tunnel has none
        "delivered, 45c0001c 00a30000 ff2f0000 c0000202 c0000201 20000000 00000007",
        // routing, reserved flags, strict source route, version 1
        "delivered, 45c0001c 00a30000 ff2f0000 c0000202 c0000201 40000000 00000000",
        "delivered, 45c00018 00a30000 ff2f0000 c0000202 c0000201 00080000",
        "delivered, 45c00018 00a30000 ff2f0000 c0000202 c0000201 08000000",
        "delivered, 45c00018 00a30000 ff2f0000 c0000202 c0000201 00010000",
        // a fragment, options, cut short
        "delivered, 45c00018 00a32000 ff2f0000 c0000202 c0000201 00000000",
        "delivered, 46c0001c 00a30000 ff2f0000 c0000202 c0000201 01010101 00000000",
        "delivered, 45c00016 00a30000 ff2f0000 c0000202 c0000201 0000",
        // not GRE at all, and a TTL that ends here
        "delivered, 45c00018 00a30000 ff110000 c0000202 c0000201 00000000",
        "delivered, 45c00018 00a30000 012f0000 c0000202 c0000201 00000000",
        "answered, 45c00018 00a30000 022f0000 c0000202 c0000201 00000000",
        "answered, 45c00018 00a30000 ff2f0000 c6336401 c6336402 00000000",
    })
    void onlyThatVeryShapeIsAnswered(String fate, String innerHex) {
        lane = new EmbeddedLane(1500, Specs.of(TunnelMode.GRE).build());
        byte[] inner = Ipv4Packet.withHeaderChecksum(Hex.bytes(innerHex));
        lane.readFromWire(OuterPacket.gre("0000 0800", inner).bytes());
        assertThat(lane.deliveredTo(0)).hasSize(fate.equals("delivered") ? 1 : 0);
        List<byte[]> answers = lane.sentToWire();
        assertThat(answers).hasSize(fate.equals("answered") ? 1 : 0);
        for (byte[] answer : answers) {
            assertThat(ByteBuffer.wrap(answer).getInt(12)).isEqualTo(Specs.LOCAL);
            assertThat(ByteBuffer.wrap(answer).getInt(16)).isEqualTo(Specs.REMOTE);
        }
    }

    @Test
    void aBrokenInnerChecksumIsNotAnswered() {
        lane = new EmbeddedLane(1500, Specs.of(TunnelMode.GRE).build());
        byte[] request = KeepaliveTest.request(lane.ports.get(0).spec());
        request[request.length - 24 + 10]++;
        lane.readFromWire(request);
        assertThat(lane.deliveredTo(0)).hasSize(1);
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void nobodyElseIsAnswered() {
        lane = new EmbeddedLane(1500, Specs.of(TunnelMode.GRE).key(7).build());
        byte[] request = KeepaliveTest.request(lane.ports.get(0).spec());
        byte[] fromElsewhere = request.clone();
        ByteBuffer.wrap(fromElsewhere).putInt(12, 0xcb00_7101);
        byte[] withAnotherKey = request.clone();
        withAnotherKey[27]++;
        lane.readFromWire(Ipv4Packet.withHeaderChecksum(fromElsewhere), withAnotherKey);
        assertThat(lane.counts(0)).isEqualTo(Map.of("RECEIVED", 1L, "KEY_MISMATCH", 1L));
        assertThat(lane.strayCounts()).isEqualTo(Map.of("RECEIVED", 1L, "NO_TUNNEL", 1L));
        assertThat(lane.sentToWire()).isEmpty();
    }

    @Test
    void aFloodIsNotAnswered() {
        lane = new EmbeddedLane(1500, Specs.of(TunnelMode.GRE).build());
        byte[] request = KeepaliveTest.request(lane.ports.get(0).spec());
        int answers = 0;
        for (int i = 0; i < 40; i++) {
            lane.readFromWire(request);
            answers += lane.sentToWire().size();
        }
        assertThat(answers).isEqualTo(32);
        assertThat(lane.counts(0))
                .isEqualTo(
                        Map.of(
                                "RECEIVED",
                                40L,
                                "KEEPALIVES_RECEIVED",
                                32L,
                                "KEEPALIVE_ANSWERS_SENT",
                                32L,
                                DropReason.KEEPALIVE_FLOOD.name(),
                                8L));
        lane.assertThatNothingElseHappened(0);
    }
}
