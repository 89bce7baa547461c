package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.packet.DropReason;
import io.culvert.packet.DropReason.Direction;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.RandomTunnels;
import io.culvert.testing.Seeds;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The books balance: every packet read is sent, delivered or dropped, and counted as that once. */
class ConservationTest {
    private static final int TUNNELS = 6;
    private static final int PACKETS = 16;

    /** Tunnels of any kind, each with a remote of its own. */
    private static TunnelSpec[] specs(RandomTunnels tunnels) {
        TunnelSpec[] specs = new TunnelSpec[TUNNELS];
        for (int i = 0; i < TUNNELS; i++) {
            specs[i] =
                    tunnels.specOverIpv4().toBuilder()
                            .remote(Specs.address(Specs.REMOTE + 16 + i))
                            .build();
        }
        return specs;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void whatIsReceivedIsDeliveredOrDropped(long seed) {
        RandomTunnels tunnels = new RandomTunnels(seed);
        Random random = tunnels.random();
        TunnelSpec[] specs = specs(tunnels);
        EmbeddedLane lane = new EmbeddedLane(1500, specs);
        long received = 0;
        long onWire = 0;
        long[] delivered = new long[TUNNELS];
        long[] deliveredBytes = new long[TUNNELS];
        for (int batch = 0; batch < 300; batch++) {
            byte[][] packets = new byte[1 + random.nextInt(PACKETS)][];
            for (int i = 0; i < packets.length; i++) {
                packets[i] = outer(tunnels, specs[random.nextInt(TUNNELS)]);
            }
            boolean isDown = random.nextInt(4) == 0;
            lane.ports.get(0).endpoint().up(!isDown);
            lane.readFromWire(packets);
            onWire += lane.sentToWire().size();
            received += packets.length;
            for (int tunnel = 0; tunnel < TUNNELS; tunnel++) {
                for (byte[] inner : lane.deliveredTo(tunnel)) {
                    delivered[tunnel]++;
                    deliveredBytes[tunnel] += inner.length;
                }
            }
        }
        long answered = 0;
        Counters strays = lane.tunnels.strayCounters();
        assertThat(strays.get(Count.DELIVERED)).isZero();
        long counted = strays.get(Count.RECEIVED);
        assertThat(drops(strays, Direction.RECEIVE)).isEqualTo(counted);
        for (int tunnel = 0; tunnel < TUNNELS; tunnel++) {
            Counters counters = lane.ports.get(tunnel).counters();
            counted += counters.get(Count.RECEIVED);
            assertThat(counters.get(Count.DELIVERED)).isEqualTo(delivered[tunnel]);
            assertThat(counters.get(Count.DELIVERED_BYTES)).isEqualTo(deliveredBytes[tunnel]);
            assertThat(counters.get(Count.RECEIVED))
                    .isEqualTo(
                            delivered[tunnel]
                                    + counters.get(Count.KEEPALIVES_RECEIVED)
                                    + drops(counters, Direction.RECEIVE));
            answered += counters.get(Count.KEEPALIVES_RECEIVED);
            assertThat(counters.get(Count.KEEPALIVE_ANSWERS_SENT))
                    .isEqualTo(counters.get(Count.KEEPALIVES_RECEIVED));
            assertThat(counters.get(Count.KEEPALIVE_ANSWERS_UNSENT)).isZero();
            assertThat(counters.get(Count.KEEPALIVES_SENT)).isZero();
            assertThat(drops(counters, Direction.TRANSMIT)).isZero();
            assertThat(counters.get(Count.READ)).isZero();
        }
        assertThat(counted).isEqualTo(received);
        assertThat(onWire).isEqualTo(answered);
        assertThat(lane.pool.idleCount()).isEqualTo(EmbeddedLane.BATCHES);
        lane.close();
    }

    /** A packet from the tunnel's peer, two times in three with something wrong about it. */
    private static byte[] outer(RandomTunnels tunnels, TunnelSpec spec) {
        if (tunnels.random().nextInt(8) == 0) {
            byte[] keepalive = KeepaliveTest.request(spec);
            return tunnels.random().nextBoolean() ? keepalive : tunnels.mutated(keepalive);
        }
        byte[] inner = tunnels.inner(spec.payload().carries(4));
        SendingEnd.Sent sent = new SendingEnd(Specs.peer(spec), 65_535).send(inner);
        assertThat(sent.reason()).isNull();
        byte[] outer = sent.only();
        return tunnels.random().nextInt(3) == 0 ? outer : tunnels.mutated(outer);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void whatIsReadIsSentOrDroppedAndSoAreItsFragments(long seed) {
        RandomTunnels tunnels = new RandomTunnels(seed);
        Random random = tunnels.random();
        EmbeddedLane lane = new EmbeddedLane(1500, specs(tunnels));
        long[] read = new long[TUNNELS];
        long[] onWire = new long[TUNNELS];
        long[] errors = new long[TUNNELS];
        for (int batch = 0; batch < 300; batch++) {
            int tunnel = random.nextInt(TUNNELS);
            byte[][] packets = new byte[1 + random.nextInt(PACKETS)][];
            for (int i = 0; i < packets.length; i++) {
                byte[] inner = tunnels.inner(random.nextBoolean());
                packets[i] = random.nextInt(3) == 0 ? inner : tunnels.mutated(inner);
            }
            lane.ports
                    .get(tunnel)
                    .encapsulator()
                    .close(random.nextInt(8) == 0 ? DropReason.ROUTE_LOOP : null);
            lane.readFromDevice(tunnel, packets);
            read[tunnel] += packets.length;
            onWire[tunnel] += wire(lane, random).size();
            errors[tunnel] += lane.deliveredTo(tunnel).size();
        }
        for (int tunnel = 0; tunnel < TUNNELS; tunnel++) {
            Counters counters = lane.ports.get(tunnel).counters();
            assertThat(counters.get(Count.READ)).isEqualTo(read[tunnel]);
            long made = counters.get(Count.FRAGMENTS_MADE);
            long sent = counters.get(Count.SENT);
            long fragmentsSent = counters.get(Count.FRAGMENTS_SENT);
            assertThat(read[tunnel] + made)
                    .isEqualTo(sent + fragmentsSent + drops(counters, Direction.TRANSMIT));
            assertThat(counters.get(Count.ICMP_ERRORS_WRITTEN)).isEqualTo(errors[tunnel]);
            assertThat(counters.get(Count.ICMP_ERRORS_LOST)).isZero();
            assertThat(counters.get(DropReason.TOO_BIG)).isEqualTo(errors[tunnel]);
            // of what was sent, only the packets that were replaced by fragments are not on the
            // wire
            assertThat(onWire[tunnel]).isBetween(fragmentsSent, sent + fragmentsSent);
            assertThat(counters.get(Count.RECEIVED)).isZero();
        }
        assertThat(lane.strayCounts()).isEmpty();
        assertThat(lane.pool.idleCount()).isEqualTo(EmbeddedLane.BATCHES);
        lane.close();
    }

    /** What the underlay sends, and it refuses a packet now and then; each is a whole packet. */
    private static List<byte[]> wire(EmbeddedLane lane, Random random) {
        List<byte[]> packets =
                new ArrayList<>(
                        lane.sentToWire(
                                (batch, slot) -> {
                                    if (random.nextInt(16) == 0) {
                                        batch.drop(slot, DropReason.UNDERLAY_FULL);
                                    }
                                }));
        Ipv4Header outer = new Ipv4Header();
        for (byte[] packet : packets) {
            assertThat(outer.wrap(ByteBuffer.wrap(packet), 0).isValid(packet.length)).isTrue();
            assertThat(outer.totalLengthBytes()).isEqualTo(packet.length).isLessThan(1501);
            assertThat(outer.hasValidHeaderChecksum()).isTrue();
        }
        return packets;
    }

    private static long drops(Counters counters, Direction direction) {
        return counters.drops().entrySet().stream()
                .filter(drop -> drop.getKey().direction() == direction)
                .mapToLong(drop -> drop.getValue())
                .sum();
    }
}
