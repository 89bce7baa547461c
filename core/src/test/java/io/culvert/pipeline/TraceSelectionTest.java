package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.TraceOptions;
import io.culvert.observe.TraceTap;
import io.culvert.packet.DropReason;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which packets a watcher is shown, by what it asked for and by when it watched. */
class TraceSelectionTest {
    private static final int GRE = 0;
    private static final int KEYED = 1;
    private static final byte[] INNER = Ipv4Packet.ofBytes(100).bytes();

    private final TunnelSpec gre = Specs.of(TunnelMode.GRE).ttl(64).build();
    private final TunnelSpec keyed = Specs.of(TunnelMode.GRE).key(7).build();
    private final EmbeddedLane lane = new EmbeddedLane(1500, gre, keyed);
    private final TraceTap tap = SeenPacket.watch(lane, TraceOptions.DEFAULTS);

    @AfterEach
    void close() {
        lane.close();
    }

    private byte[] fromPeer(byte[] inner) {
        return new SendingEnd(Specs.peer(gre), 1500).send(inner).only();
    }

    @Test
    void dropsOnlyShowsNothingElse() {
        TraceTap drops = SeenPacket.watch(lane, new TraceOptions(64, 1, true, Set.of()));
        lane.readFromDevice(GRE, INNER, new byte[40], Ipv6Packet.ofBytes(60).bytes());
        lane.sentToWire();
        lane.readFromWire(fromPeer(INNER), new byte[20]);
        lane.deliveredTo(GRE);
        assertThat(SeenPacket.by(drops))
                .extracting(SeenPacket::reason)
                .containsExactly(DropReason.PAYLOAD_MALFORMED, DropReason.OUTER_MALFORMED);
        assertThat(drops.seen()).isEqualTo(2);
        assertThat(SeenPacket.by(tap)).hasSize(5);
    }

    @Test
    void onlyTheTunnelsThatAreWatchedAreSeen() {
        TraceTap one = SeenPacket.watch(lane, new TraceOptions(64, 1, false, Set.of(KEYED)));
        lane.readFromDevice(GRE, INNER);
        lane.readFromDevice(KEYED, INNER);
        lane.sentToWire();
        lane.readFromWire(new byte[20]);
        assertThat(SeenPacket.by(one)).extracting(SeenPacket::tunnel).containsExactly(KEYED);
        assertThat(SeenPacket.by(tap)).hasSize(3);
    }

    @Test
    void aSampleHasAboutItsShare() {
        TraceTap sample = SeenPacket.watch(lane, new TraceOptions(64, 10, false, Set.of()));
        int shown = 0;
        for (int i = 0; i < 1000; i++) {
            lane.readFromDevice(GRE, INNER, INNER, INNER, INNER, INNER);
            lane.sentToWire();
            shown += SeenPacket.by(sample).size();
        }
        assertThat(sample.seen()).isEqualTo(5000);
        assertThat(sample.skipped()).isZero();
        assertThat(shown).isBetween(400, 600);
    }

    @Test
    void aSampleOfWhatCameShowsItAsItCame() {
        TraceTap sample = SeenPacket.watch(lane, new TraceOptions(256, 10, false, Set.of()));
        byte[] outer = fromPeer(INNER);
        int shown = 0;
        for (int i = 0; i < 1000; i++) {
            lane.readFromWire(outer, outer, outer, new byte[20], outer);
            lane.deliveredTo(GRE);
            for (SeenPacket packet : SeenPacket.by(sample)) {
                shown++;
                boolean isDropped = packet.reason() != null;
                assertThat(packet.outer()).isEqualTo(isDropped ? new byte[20] : outer);
                assertThat(packet.inner()).isEqualTo(isDropped ? new byte[0] : INNER);
            }
        }
        assertThat(sample.seen()).isEqualTo(5000);
        assertThat(sample.skipped()).isZero();
        assertThat(shown).isBetween(400, 600);
    }

    @Test
    void whatDoesNotFitIsCountedAndTheTunnelGoesOn() {
        TraceTap large =
                SeenPacket.watch(
                        lane, new TraceOptions(TraceOptions.MOST_SNAP_BYTES, 1, false, Set.of()));
        int sent = 0;
        for (int i = 0; i < 100; i++) {
            lane.readFromDevice(GRE, INNER);
            sent += lane.sentToWire().size();
        }
        assertThat(sent).isEqualTo(100);
        int shown = SeenPacket.by(large).size();
        assertThat(shown).isPositive().isLessThan(100);
        assertThat(large.skipped()).isEqualTo(100 - shown);
        assertThat(large.seen()).isEqualTo(100);
        assertThat(SeenPacket.by(tap)).hasSize(100);
    }

    @Test
    void whoHasLeftSeesNothingMore() {
        byte[] outer = fromPeer(INNER);
        lane.readFromWire(outer);
        lane.tunnels.trace().detach(tap);
        assertThat(lane.tunnels.trace().isWatched()).isFalse();
        assertThat(lane.deliveredTo(GRE)).hasSize(1);
        assertThat(SeenPacket.by(tap)).isEmpty();
        TraceTap later = SeenPacket.watch(lane, TraceOptions.DEFAULTS);
        lane.readFromWire(outer);
        lane.deliveredTo(GRE);
        assertThat(SeenPacket.by(later)).hasSize(1);
        assertThat(tap.seen()).isZero();
    }

    @Test
    void whatCameBeforeAnybodyWatchedIsNotSeen() {
        lane.tunnels.trace().detach(tap);
        lane.readFromWire(fromPeer(INNER));
        TraceTap later = SeenPacket.watch(lane, TraceOptions.DEFAULTS);
        assertThat(lane.deliveredTo(GRE)).hasSize(1);
        assertThat(SeenPacket.by(later)).isEmpty();
        assertThat(later.skipped()).isZero();
    }
}
