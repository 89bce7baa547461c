package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.Counters.Count;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whose time in a lane is recorded, and under which tunnel. */
class LatencyTest {
    private static final long READ_AGO_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final TunnelSpec GRE = Specs.of(TunnelMode.GRE).build();
    private static final TunnelSpec IPIP = Specs.of(TunnelMode.IPIP).build();

    @Test
    void whatIsSentIsRecordedOnceItIsWrittenAndWhatIsDroppedIsNot() {
        try (EmbeddedLane lane = new EmbeddedLane(1500, GRE)) {
            PacketBatch batch =
                    lane.batch(
                            Ipv4Packet.ofBytes(60).bytes(),
                            Ipv4Packet.ofBytes(1400).bytes(),
                            Ipv4Packet.ofBytes(90).bytes(),
                            new byte[5]);
            batch.readNanos(System.nanoTime() - READ_AGO_NANOS);
            lane.devices.get(0).writeInbound(batch);
            assertThat(lane.ports.get(0).transmitLatency().counts().packets()).isZero();

            lane.sentToWire(
                    (sent, slot) -> {
                        if (slot == 1) {
                            sent.drop(slot, DropReason.UNDERLAY_FULL);
                        }
                    });

            TunnelPort port = lane.ports.get(0);
            assertThat(port.transmitLatency().counts().packets()).isEqualTo(2);
            assertThat(port.counters().get(Count.SENT)).isEqualTo(2);
            port.transmitLatency()
                    .counts()
                    .forEach(
                            (nanos, packets) ->
                                    assertThat(nanos)
                                            .isGreaterThan(READ_AGO_NANOS * 99 / 100)
                                            .isLessThan(READ_AGO_NANOS * 20));
            assertThat(port.receiveLatency().counts().packets()).isZero();
        }
    }

    @Test
    void whatIsDeliveredIsRecordedWithItsTunnelAndStraysAreNot() {
        byte[] gre =
                new SendingEnd(Specs.peer(GRE), 1500).send(Ipv4Packet.ofBytes(60).bytes()).only();
        byte[] ipip =
                new SendingEnd(Specs.peer(IPIP), 1500).send(Ipv4Packet.ofBytes(60).bytes()).only();
        try (EmbeddedLane lane = new EmbeddedLane(1500, GRE, IPIP)) {
            lane.readFromWire(gre, gre, ipip, Hex.bytes("45"), gre);
            assertThat(lane.ports.get(0).receiveLatency().counts().packets()).isZero();
            lane.deliveredTo(0);
            lane.deliveredTo(1);

            assertThat(lane.ports.get(0).receiveLatency().counts().packets()).isEqualTo(3);
            assertThat(lane.ports.get(1).receiveLatency().counts().packets()).isEqualTo(1);
            assertThat(lane.ports.get(0).counters().get(Count.DELIVERED)).isEqualTo(3);
            assertThat(lane.ports.get(0).transmitLatency().counts().packets()).isZero();
            assertThat(lane.ports.get(1).transmitLatency().counts().packets()).isZero();
        }
    }
}
