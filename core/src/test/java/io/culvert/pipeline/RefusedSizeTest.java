package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Specs;
import io.culvert.tunnel.OuterError;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Ipv4Header;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first packet that meets a smaller MTU of the underlay is not lost without a word. */
class RefusedSizeTest {
    private static final byte[] LARGE = Ipv4Packet.ofBytes(1400).dontFragment().bytes();
    private static final byte[] LARGE_MAY_BE_CUT = Ipv4Packet.ofBytes(1400).bytes();
    private static final byte[] SMALL = Ipv4Packet.ofBytes(100).dontFragment().bytes();

    private final TunnelSpec spec = Specs.of(TunnelMode.GRE).ttl(64).build();
    private final EmbeddedLane lane = new EmbeddedLane(1500, spec);
    private final TunnelPort port = lane.ports.get(0);
    private final AtomicInteger hostMtu = new AtomicInteger(1300);
    private final AtomicInteger timesNarrower = new AtomicInteger();

    @BeforeEach
    void refuseWhatIsLargerThanTheHostsMtu() {
        port.pathMtu().host(hostMtu::get);
        port.onNarrowerPath(timesNarrower::incrementAndGet);
    }

    @AfterEach
    void close() {
        lane.close();
    }

    private List<byte[]> sent(int underlayMtu, byte[]... packets) {
        lane.readFromDevice(0, packets);
        return lane.sentToWire(
                (batch, slot) -> {
                    if (batch.totalBytes(slot) > underlayMtu) {
                        batch.drop(slot, DropReason.UNDERLAY_TOO_BIG);
                    }
                });
    }

    @Test
    void itsSenderIsToldWhatFits() {
        assertThat(sent(1300, SMALL, LARGE, SMALL)).hasSize(2);
        List<byte[]> answers = lane.deliveredTo(0);
        assertThat(answers).hasSize(1);
        ByteBuffer answer = ByteBuffer.wrap(answers.get(0));
        Icmpv4Message icmp = new Icmpv4Message().wrap(answer, Ipv4Header.MIN_LENGTH);
        assertThat(icmp.type()).isEqualTo(Icmpv4Message.DESTINATION_UNREACHABLE);
        assertThat(icmp.code()).isEqualTo(Icmpv4Message.FRAGMENTATION_NEEDED);
        assertThat(icmp.nextHopMtu()).isEqualTo(1300 - spec.overheadBytes());
        assertThat(answers.get(0)[28 + 9]).as("the quoted protocol").isEqualTo(LARGE[9]);
        assertThat(lane.counts(0))
                .containsEntry("READ", 3L)
                .containsEntry("SENT", 2L)
                .containsEntry("TOO_BIG", 1L)
                .containsEntry("ICMP_ERRORS_WRITTEN", 1L)
                .doesNotContainKey("UNDERLAY_TOO_BIG");
        assertThat(timesNarrower).hasValue(1);
        assertThat(port.pathMtu().outerMtu(System.nanoTime())).isEqualTo(1300);
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void fragmentsGoInsteadOfWhatMayBeCut() {
        List<byte[]> sent = sent(1300, LARGE_MAY_BE_CUT);
        assertThat(sent).hasSize(2).allMatch(packet -> packet.length <= 1300);
        assertThat(lane.counts(0))
                .containsEntry("READ", 1L)
                .containsEntry("SENT", 1L)
                .containsEntry("FRAGMENTS_SENT", 2L)
                .doesNotContainKeys("UNDERLAY_TOO_BIG", "TOO_BIG");
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void whereTheHostWouldTakeItTheRefusalStands() {
        hostMtu.set(1500);
        assertThat(sent(1300, LARGE)).isEmpty();
        assertThat(lane.counts(0)).isEqualTo(Map.of("READ", 1L, "UNDERLAY_TOO_BIG", 1L));
        assertThat(timesNarrower).hasValue(0);
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void fragmentsThatAreRefusedInTurnAreLost() {
        assertThat(sent(1000, LARGE_MAY_BE_CUT)).hasSize(1);
        assertThat(lane.counts(0))
                .containsEntry("FRAGMENTS_MADE", 2L)
                .containsEntry("FRAGMENTS_SENT", 1L)
                .containsEntry("UNDERLAY_TOO_BIG", 1L);
        lane.assertThatNothingElseHappened(0);
    }

    @Test
    void aPacketIsNotTooLargeOnceTheHostSaysThatItFits() {
        port.pathMtu().known(1300, true);
        hostMtu.set(1500);
        assertThat(sent(1500, LARGE)).hasSize(1);
        assertThat(lane.counts(0)).containsEntry("SENT", 1L).doesNotContainKey("TOO_BIG");
        lane.assertThatNothingElseHappened(0);
    }

    /** Only a router's word counts on when the host says something else. */
    @Test
    void whatTheHostTellsByIcmpIsTheHostsToForget() throws UnknownHostException {
        for (boolean isRouter : new boolean[] {true, false}) {
            byte[] outer = sent(1500, LARGE).get(0);
            InetAddress offender =
                    isRouter
                            ? InetAddress.getByName("198.51.100.1")
                            : InetAddress.getByAddress(Arrays.copyOfRange(outer, 12, 16));
            port.pathMtu().known(1500, true);
            lane.underlay
                    .pipeline()
                    .fireUserEventTriggered(
                            OuterError.icmpv4(0, 3, 4, 1300, offender, ByteBuffer.wrap(outer)));
            assertThat(port.pathMtu().outerMtu(System.nanoTime())).isEqualTo(1300);
            port.pathMtu().known(1500, false);
            assertThat(port.pathMtu().outerMtu(System.nanoTime()))
                    .isEqualTo(isRouter ? 1300 : 1500);
            port.pathMtu().known(1500, true);
        }
    }
}
