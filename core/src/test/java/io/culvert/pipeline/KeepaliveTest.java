package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.tunnel.GreProbe;
import io.culvert.tunnel.KeepaliveSpec;
import io.culvert.tunnel.PeerHealth.State;
import io.culvert.tunnel.PeerWatch;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GRE keepalives through the real handlers: Cisco's own packets, and ours. */
class KeepaliveTest {
    // a Cisco router's, key 0x28, with TrustSec metadata: tcpdump tests/various_gre.pcap
    private static final byte[] CISCO_REQUEST =
            Hex.bytes(
                    "45c0 0040 00a4 0000 ff2f 24c6 0aac4007 0aac4006",
                    "2000 8909 00000028",
                    "0800 0101 0001 0000",
                    "45c0 001c 00a3 0000 ff2f 24eb 0aac4006 0aac4007",
                    "2000 0000 00000028");
    private static final byte[] CISCO_ANSWER =
            Hex.bytes("45c0 001c 00a3 0000 fe2f 25eb 0aac4006 0aac4007", "2000 0000 00000028");
    private static final int CISCO = 0x0aac_4007;
    private static final int CISCO_PEER = 0x0aac_4006;

    private static final KeepaliveSpec EVERY_TEN_SECONDS = new KeepaliveSpec(10_000, 3, false);
    private static final long SECOND = 1_000_000_000L;

    private EmbeddedLane lane;

    @AfterEach
    void close() {
        if (lane != null) {
            lane.close();
        }
    }

    private static TunnelSpecBuilder cisco() {
        return TunnelSpec.builder("tun0", TunnelMode.GRE)
                .local(Specs.address(CISCO))
                .remote(Specs.address(CISCO_PEER))
                .key(0x28);
    }

    /** A keepalive to the end that has this tunnel, as its peer sends it; a packet of any mode. */
    static byte[] request(TunnelSpec spec) {
        TunnelSpec peer = Specs.peer(spec);
        byte[] inner = new byte[64];
        int bytes = new GreProbe(peer).write(ByteBuffer.wrap(inner), 0, 7);
        SendingEnd.Sent sent = new SendingEnd(peer, 1500).send(Arrays.copyOf(inner, bytes));
        return sent.reason() == null ? sent.only() : Arrays.copyOf(inner, bytes);
    }

    private PeerWatch ask(TunnelSpec spec, Runnable changed) {
        PeerWatch watch = new PeerWatch(EVERY_TEN_SECONDS, 0);
        lane.ports.get(0).keepalive().ask(watch, new GreProbe(spec), changed);
        return watch;
    }

    @Test
    void aCiscoRoutersKeepaliveIsAnsweredAsAnotherCiscoRouterDoes() {
        lane = new EmbeddedLane(1500, Specs.peer(cisco().build()));
        lane.readFromWire(CISCO_REQUEST);
        assertThat(lane.sentToWire()).containsExactly(CISCO_ANSWER);
        assertThat(lane.counts(0))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", 1L,
                                "KEEPALIVES_RECEIVED", 1L,
                                "KEEPALIVE_ANSWERS_SENT", 1L));
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void ourKeepaliveIsACiscoRoutersWithoutItsMetadata() {
        TunnelSpec spec = cisco().pmtudisc(false).tos(TunnelSpec.TOS_INHERIT).build();
        lane = new EmbeddedLane(1500, spec);
        PeerWatch watch = ask(spec, () -> {});
        for (int sent = 1; sent < 0xa3; sent++) {
            watch.nextNumber(0);
        }
        lane.ports.get(0).keepalive().send(0);
        byte[] sent = lane.sentToWire().get(0);
        byte[] expected =
                Ipv4Packet.withHeaderChecksum(
                        Hex.bytes(
                                "45c0 0038 0000 0000 ff2f 0000 0aac4007 0aac4006",
                                "2000 0800 00000028",
                                "45c0 001c 00a3 0000 ff2f 24eb 0aac4006 0aac4007",
                                "2000 0000 00000028"));
        ByteBuffer.wrap(expected).putShort(4, ByteBuffer.wrap(sent).getShort(4));
        assertThat(sent).isEqualTo(Ipv4Packet.withHeaderChecksum(expected));
        assertThat(lane.counts(0)).isEqualTo(Map.of("KEEPALIVES_SENT", 1L));
        lane.assertThatNothingElseHappened(0);
    }

    /** Linux's NAT drops the answer to the plain one: nf_nat_proto.c wants eight bytes of GRE. */
    @Test
    void whatIsNotAnsweredIsFollowedByTheOtherFormUntilOneComesBack() {
        TunnelSpec spec = Specs.of(TunnelMode.GRE).build();
        lane = new EmbeddedLane(1500, spec);
        PeerWatch watch = ask(spec, () -> {});
        EmbeddedLane peer = new EmbeddedLane(1500, Specs.peer(spec));
        int[] expected = {48, 56, 48, 56, 56, 56, 56};
        for (int i = 0; i < expected.length; i++) {
            lane.ports.get(0).keepalive().send(i * 10L * SECOND);
            byte[] request = lane.sentToWire().get(0);
            assertThat(request).hasSize(expected[i]);
            if (i >= 3) {
                peer.readFromWire(request);
                byte[] answer = peer.sentToWire().get(0);
                assertThat(answer).hasSize(32).endsWith(new byte[12]);
                lane.readFromWire(answer);
                assertThat(watch.health(0).answered()).isEqualTo(i - 2);
            }
        }
        assertThat(lane.counts(0)).containsEntry("KEEPALIVES_RECEIVED", 4L);
        peer.close();
    }

    @Test
    void whatForwardsItAnswersIt() {
        TunnelSpec spec = cisco().build();
        lane = new EmbeddedLane(1500, spec);
        int[] changes = {0};
        PeerWatch watch = ask(spec, () -> changes[0]++);
        for (int sent = 1; sent < 0xa3; sent++) {
            watch.nextNumber(0);
        }
        lane.ports.get(0).keepalive().send(5 * SECOND);
        lane.sentToWire();
        PacketBatch answer = lane.batch(CISCO_ANSWER);
        answer.readNanos(5 * SECOND + 777);
        lane.underlay.writeInbound(answer);

        assertThat(watch.health(6 * SECOND).state()).isEqualTo(State.ANSWERING);
        assertThat(watch.health(6 * SECOND).lastNanos()).isEqualTo(777);
        assertThat(changes[0]).isEqualTo(1);
        assertThat(lane.ports.get(0).keepalive().roundTrips().counts().packets()).isEqualTo(1);
        assertThat(lane.counts(0))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", 1L,
                                "KEEPALIVES_RECEIVED", 1L,
                                "KEEPALIVES_SENT", 1L));
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void anAnswerThatNobodyWaitsForIsDroppedAsLinuxDropsIt() {
        lane = new EmbeddedLane(1500, cisco().build());
        lane.readFromWire(CISCO_ANSWER);
        assertThat(lane.strayCounts()).isEqualTo(Map.of("RECEIVED", 1L, "GRE_TRUNCATED", 1L));
        lane.assertThatNothingElseHappened(PacketBatch.NO_TUNNEL);
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void twoEndsAnswerEachOtherWhateverTheTunnelAsksOfPackets(boolean checksum, boolean sequence) {
        TunnelSpec spec =
                cisco().noKey()
                        .inputKey(1)
                        .outputKey(2)
                        .checksum(checksum)
                        .sequence(sequence)
                        .build();
        lane = new EmbeddedLane(1500, spec);
        PeerWatch watch = ask(spec, () -> {});
        EmbeddedLane peer = new EmbeddedLane(1500, Specs.peer(spec));
        for (int i = 1; i <= 5; i++) {
            lane.ports.get(0).keepalive().send(i * SECOND);
            peer.readFromWire(lane.sentToWire().get(0));
            lane.readFromWire(peer.sentToWire().get(0));
            assertThat(watch.health(i * SECOND).answered()).isEqualTo(i);
            assertThat(watch.health(i * SECOND).lost()).isZero();
        }
        assertThat(peer.counts(0))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", 5L,
                                "KEEPALIVES_RECEIVED", 5L,
                                "KEEPALIVE_ANSWERS_SENT", 5L));
        peer.assertThatNothingElseHappened(0);
        peer.close();
        lane.assertThatNothingElseHappened(0);
    }

    /** What the peer writes inside are addresses that no packet from it ever arrives with. */
    @Test
    void anAnswerFindsItsWayBackThroughNat() {
        int privateAddress = 0xac10_9cc3;
        int publicAddress = 0xcb00_7107;
        TunnelSpec behindNat =
                Specs.of(TunnelMode.GRE).local(Specs.address(privateAddress)).build();
        lane = new EmbeddedLane(1500, behindNat);
        PeerWatch watch = ask(behindNat, () -> {});
        lane.ports.get(0).keepalive().send(SECOND);
        byte[] request = lane.sentToWire().get(0);
        ByteBuffer.wrap(request).putInt(12, publicAddress);

        EmbeddedLane peer =
                new EmbeddedLane(
                        1500,
                        Specs.peer(behindNat).toBuilder()
                                .remote(Specs.address(publicAddress))
                                .build());
        peer.readFromWire(Ipv4Packet.withHeaderChecksum(request));
        byte[] answer = peer.sentToWire().get(0);
        assertThat(ByteBuffer.wrap(answer).getInt(12)).isEqualTo(Specs.REMOTE);
        assertThat(ByteBuffer.wrap(answer).getInt(16)).isEqualTo(publicAddress);
        peer.close();

        ByteBuffer.wrap(answer).putInt(16, privateAddress);
        lane.readFromWire(Ipv4Packet.withHeaderChecksum(answer));
        assertThat(watch.health(SECOND).answered()).isEqualTo(1);
    }

    // scapy 2.5: IP(src='192.0.2.1', dst='192.0.2.2', id=1)/GRE()/IP(src='192.0.2.2',
    // dst='192.0.2.1', id=1)/GRE(proto=0)/b'Keepalive Request for gre test'
    private static final String WITH_TEXT =
            "4500004e00010000402ff67c c0000201c0000202 00000800"
                    + "4500003600010000402ff694 c0000202c0000201 00000000"
                    + "4b656570616c697665205265717565737420666f72206772652074657374";

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
        byte[] request = request(lane.ports.get(0).spec());
        request[request.length - 24 + 10]++;
        lane.readFromWire(request);
        assertThat(lane.deliveredTo(0)).hasSize(1);
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void nobodyElseIsAnswered() {
        lane = new EmbeddedLane(1500, Specs.of(TunnelMode.GRE).key(7).build());
        byte[] request = request(lane.ports.get(0).spec());
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
        byte[] request = request(lane.ports.get(0).spec());
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

    @Test
    void withoutABatchNothingIsSentAndThatIsCounted() {
        TunnelSpec spec = Specs.of(TunnelMode.GRE).build();
        lane = new EmbeddedLane(1500, spec);
        ask(spec, () -> {});
        PacketBatch request = lane.batch(request(spec));
        PacketBatch[] taken = new PacketBatch[EmbeddedLane.BATCHES - 1];
        Arrays.setAll(taken, i -> lane.pool.acquire());
        lane.underlay.writeInbound(request);
        PacketBatch last = lane.pool.acquire();
        lane.ports.get(0).keepalive().send(0);
        last.release();
        Arrays.asList(taken).forEach(PacketBatch::release);
        assertThat(lane.counts(0))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", 1L,
                                "KEEPALIVES_RECEIVED", 1L,
                                "KEEPALIVE_ANSWERS_UNSENT", 1L,
                                "KEEPALIVES_UNSENT", 1L));
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void aTunnelThatMayNotSendLosesItsPeer() {
        TunnelSpec spec = Specs.of(TunnelMode.GRE).build();
        lane = new EmbeddedLane(1500, spec);
        int[] changes = {0};
        PeerWatch watch = ask(spec, () -> changes[0]++);
        lane.ports.get(0).encapsulator().close(DropReason.ROUTE_LOOP);
        for (int i = 0; i < 4; i++) {
            lane.ports.get(0).keepalive().send(i * 10L * SECOND);
        }
        assertThat(lane.sentToWire()).isEmpty();
        assertThat(lane.counts(0)).isEqualTo(Map.of("KEEPALIVES_UNSENT", 4L));
        assertThat(watch.isGone()).isTrue();
        assertThat(changes[0]).isEqualTo(1);
    }

    @Test
    void aTunnelWhoseDeviceIsDownIsSilentAndJudgesNobody() {
        TunnelSpec spec = Specs.of(TunnelMode.GRE).build();
        lane = new EmbeddedLane(1500, spec);
        PeerWatch watch = ask(spec, () -> {});
        lane.ports.get(0).endpoint().up(false);
        for (int i = 0; i < 10; i++) {
            lane.ports.get(0).keepalive().send(i * 10L * SECOND);
            lane.readFromWire(request(spec));
        }
        assertThat(lane.sentToWire()).isEmpty();
        assertThat(watch.health(0).state()).isEqualTo(State.UNKNOWN);
        Map<String, Long> counts = new HashMap<>(lane.counts(0));
        assertThat(counts).isEqualTo(Map.of("RECEIVED", 10L, "TUNNEL_DOWN", 10L));
    }

    @Test
    void keepalivesAreSentWhateverComesBack() {
        TunnelSpec spec = Specs.of(TunnelMode.GRE).build();
        lane = new EmbeddedLane(1500, spec);
        PeerWatch watch = ask(spec, () -> {});
        for (int i = 0; i < 20; i++) {
            lane.ports.get(0).keepalive().send(i * 10L * SECOND);
            assertThat(lane.sentToWire()).hasSize(1);
        }
        assertThat(watch.isGone()).isTrue();
    }
}
