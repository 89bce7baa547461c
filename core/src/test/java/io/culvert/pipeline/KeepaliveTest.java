package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.KeepaliveSpec;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.tunnel.GreProbe;
import io.culvert.tunnel.PeerHealth.State;
import io.culvert.tunnel.PeerWatch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        int bytes = probe(peer).write(ByteBuffer.wrap(inner), 0, 7);
        SendingEnd.Sent sent = new SendingEnd(peer, 1500).send(Arrays.copyOf(inner, bytes));
        return sent.reason() == null ? sent.only() : Arrays.copyOf(inner, bytes);
    }

    private static GreProbe probe(TunnelSpec spec) {
        return new GreProbe(spec.gre(), (OuterIpv4) spec.outer());
    }

    private PeerWatch ask(TunnelSpec spec, Runnable changed) {
        PeerWatch watch = new PeerWatch(EVERY_TEN_SECONDS, 0);
        lane.ports.get(0).keepalive().ask(watch, probe(spec), changed);
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
        TunnelSpec spec = cisco().pmtudisc(false).tos(OuterIpv4.TOS_INHERIT).build();
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
    void anAnswerThatNobodyWaitsForIsNothingThatTheTunnelCarries() {
        lane = new EmbeddedLane(1500, cisco().build());
        lane.readFromWire(CISCO_ANSWER);
        assertThat(lane.counts(0)).isEqualTo(Map.of("RECEIVED", 1L, "PROTOCOL_UNKNOWN", 1L));
        lane.assertThatNothingElseHappened(0);
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
