package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.tunnel.LaneShare;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.RememberedErrors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A tunnel that two lanes carry, whose sockets are both given every ICMP error. */
class SeveralLanesTest {
    private static final byte[] INNER = Ipv4Packet.ofBytes(1400).dontFragment().bytes();

    private final RememberedErrors errors = new RememberedErrors();
    private final TunnelSpec spec = Specs.of(TunnelMode.GRE).ttl(64).build();
    private final EmbeddedLane first = new EmbeddedLane(new LaneShare(0, 2, errors), 1500, spec);
    private final EmbeddedLane second = new EmbeddedLane(new LaneShare(1, 2, errors), 1500, spec);

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    /** What both sockets report about a packet that the second lane has sent. */
    private void report(byte[] inner, int type, int code, int mtu) {
        second.readFromDevice(0, inner);
        OuterError error = SendingEnd.icmp(type, code, mtu, second.sentToWire().get(0));
        for (EmbeddedLane lane : List.of(second, first)) {
            lane.underlay.pipeline().fireUserEventTriggered(error);
        }
    }

    @Test
    void bothLearnThePathsMtuAndTheErrorIsCountedOnce() {
        report(INNER, 3, 4, 1300);
        for (EmbeddedLane lane : List.of(first, second)) {
            assertThat(lane.ports.get(0).pathMtu().outerMtu(System.nanoTime())).isEqualTo(1300);
        }
        assertThat(first.counts(0)).isEqualTo(Map.of("ICMP_ERRORS_RECEIVED", 1L));
        assertThat(second.counts(0)).doesNotContainKey("ICMP_ERRORS_RECEIVED");
        assertThat(first.ports.get(0).lastError()).isNotNull();
        first.assertThatNothingElseHappened(0);
        second.assertThatNothingElseHappened(0);
    }

    @Test
    void theSenderOfAQuotedIpv6PacketIsToldOnce() {
        report(Ipv6Packet.ofBytes(100).bytes(), 3, 1, 0);
        assertThat(first.deliveredTo(0)).hasSize(1);
        assertThat(second.deliveredTo(0)).isEmpty();
    }

    @Test
    void aRememberedErrorIsToldOnceByTheLaneThatHasTheNextPacket() {
        report(INNER, 3, 1, 0);
        second.readFromDevice(0, INNER);
        assertThat(second.deliveredTo(0)).hasSize(1);
        for (EmbeddedLane lane : List.of(first, second)) {
            lane.readFromDevice(0, INNER);
            assertThat(lane.deliveredTo(0)).isEmpty();
        }
    }

    @Test
    void thereIsNoLaneBeyondTheLast() {
        assertThatThrownBy(() -> new LaneShare(2, 2, errors)).hasMessage("there is no lane 2 of 2");
        assertThatThrownBy(() -> new LaneShare(-1, 2, errors))
                .hasMessage("there is no lane -1 of 2");
        assertThatThrownBy(() -> new LaneShare(0, 0, errors)).hasMessage("there is no lane 0 of 0");
    }
}
