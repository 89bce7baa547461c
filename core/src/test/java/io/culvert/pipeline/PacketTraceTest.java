package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.TraceOptions;
import io.culvert.observe.TraceRecord;
import io.culvert.observe.TraceRecord.Kind;
import io.culvert.observe.TraceTap;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab.MemorySource;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.tunnel.OuterError;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a watcher is shown of the packets that go through the real handlers. */
class PacketTraceTest {
    private static final int GRE = 0;
    private static final int KEYED = 1;
    private static final int NONE = -1;
    private static final byte[] INNER = Ipv4Packet.ofBytes(100).bytes();

    private final TunnelSpec gre = Specs.of(TunnelMode.GRE).ttl(64).build();
    private final TunnelSpec keyed = Specs.of(TunnelMode.GRE).key(7).pmtudisc(false).build();
    private final EmbeddedLane lane = new EmbeddedLane(1500, gre, keyed);
    private final TraceTap tap = SeenPacket.watch(lane, TraceOptions.DEFAULTS);

    @AfterEach
    void close() {
        lane.close();
    }

    private SeenPacket onlySeen() {
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all).hasSize(1);
        assertThat(tap.skipped()).isZero();
        return all.get(0);
    }

    private byte[] fromPeer(byte[] inner) {
        return new SendingEnd(Specs.peer(gre), 1500).send(inner).only();
    }

    @Test
    void aPacketThatIsSentIsSeenFromBothSides() {
        lane.readFromDevice(GRE, INNER);
        List<byte[]> sent = lane.sentToWire();
        SeenPacket seen = onlySeen();
        assertThat(seen.kind()).isEqualTo(Kind.TRANSMITTED);
        assertThat(seen.tunnel()).isEqualTo(GRE);
        assertThat(seen.reason()).isNull();
        assertThat(seen.outer()).isEqualTo(sent.get(0));
        assertThat(seen.inner()).isEqualTo(INNER);
        assertThat(seen.outerBytes()).isEqualTo(124);
        assertThat(seen.innerBytes()).isEqualTo(100);
    }

    @Test
    void aPacketThatIsDeliveredIsSeenFromBothSides() {
        byte[] outer = fromPeer(INNER);
        lane.readFromWire(outer);
        assertThat(lane.deliveredTo(GRE)).hasSize(1);
        SeenPacket seen = onlySeen();
        assertThat(seen.kind()).isEqualTo(Kind.RECEIVED);
        assertThat(seen.tunnel()).isEqualTo(GRE);
        assertThat(seen.reason()).isNull();
        assertThat(seen.outer()).isEqualTo(outer);
        assertThat(seen.inner()).isEqualTo(INNER);
    }

    @Test
    void aKeepaliveAndItsAnswerAreSeen() {
        byte[] request = KeepaliveTest.request(gre);
        lane.readFromWire(request);
        List<byte[]> sent = lane.sentToWire();
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all)
                .extracting(SeenPacket::kind)
                .containsExactlyInAnyOrder(Kind.RECEIVED, Kind.KEEPALIVE);
        SeenPacket received = all.get(all.get(0).kind() == Kind.RECEIVED ? 0 : 1);
        SeenPacket answered = all.get(all.get(0).kind() == Kind.RECEIVED ? 1 : 0);
        assertThat(received.outer()).isEqualTo(request);
        assertThat(received.isReplaced()).isTrue();
        assertThat(received.isJoined()).isFalse();
        assertThat(received.reason()).isNull();
        assertThat(answered.outer()).isEqualTo(sent.get(0));
        assertThat(answered.innerBytes()).isZero();
        assertThat(answered.reason()).isNull();
    }

    @Test
    void aDropOnTheWayInShowsTheOuterPacketAndTheTunnelThatWasMeant() {
        byte[] outer = OuterPacket.gre("2000 0800 00000009", INNER).bytes();
        lane.readFromWire(outer, OuterPacket.carrying(4, INNER).bytes());
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all)
                .extracting(SeenPacket::reason)
                .containsExactly(DropReason.KEY_MISMATCH, DropReason.NO_TUNNEL);
        assertThat(all).extracting(SeenPacket::tunnel).containsExactly(KEYED, NONE);
        assertThat(all.get(0).outer()).isEqualTo(outer);
        assertThat(all.get(0).inner()).isEmpty();
    }

    @Test
    void aDropByTheDeviceShowsBothSides() {
        byte[] outer = fromPeer(INNER);
        lane.devices.get(GRE).close();
        lane.readFromWire(outer);
        SeenPacket seen = onlySeen();
        assertThat(seen.reason()).isEqualTo(DropReason.DEVICE_GONE);
        assertThat(seen.outer()).isEqualTo(outer);
        assertThat(seen.inner()).isEqualTo(INNER);
    }

    @Test
    void aDropOnTheWayOutShowsTheInnerPacketAndTheAnswerToIt() {
        byte[] tooBig = Ipv4Packet.ofBytes(1500).dontFragment().bytes();
        lane.readFromDevice(GRE, tooBig);
        lane.sentToWire();
        List<byte[]> answers = lane.deliveredTo(GRE);
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all).extracting(SeenPacket::kind).containsExactly(Kind.TRANSMITTED, Kind.ANSWER);
        assertThat(all.get(0).reason()).isEqualTo(DropReason.TOO_BIG);
        assertThat(all.get(0).outer()).isEmpty();
        assertThat(all.get(0).inner()).isEqualTo(cut(tooBig, 256));
        assertThat(all.get(0).innerBytes()).isEqualTo(1500);
        assertThat(all.get(1).inner()).isEqualTo(cut(answers.get(0), 256));
        assertThat(all.get(1).reason()).isNull();
    }

    @Test
    void aDropByTheUnderlayShowsBothSides() {
        lane.readFromDevice(GRE, INNER);
        lane.sentToWire((batch, slot) -> batch.drop(slot, DropReason.UNDERLAY_FULL));
        SeenPacket seen = onlySeen();
        assertThat(seen.reason()).isEqualTo(DropReason.UNDERLAY_FULL);
        assertThat(seen.outerBytes()).isEqualTo(124);
        assertThat(seen.inner()).isEqualTo(INNER);
    }

    @Test
    void aPacketThatIsFragmentedIsFollowedByItsFragments() {
        lane.readFromDevice(KEYED, Ipv4Packet.ofBytes(3000).bytes());
        List<byte[]> sent = lane.sentToWire();
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all)
                .extracting(SeenPacket::kind)
                .containsExactly(Kind.TRANSMITTED, Kind.FRAGMENT, Kind.FRAGMENT, Kind.FRAGMENT);
        assertThat(all.get(0).isReplaced()).isTrue();
        assertThat(all.get(0).innerBytes()).isEqualTo(3000);
        assertThat(all.get(0).outerBytes()).as("no such outer packet left").isZero();
        for (int i = 0; i < 3; i++) {
            assertThat(all.get(i + 1).outer()).isEqualTo(cut(sent.get(i), 256));
            assertThat(all.get(i + 1).innerBytes()).isZero();
        }
    }

    @Test
    void fragmentsOfTheInnerPacketHaveBothSides() {
        lane.readFromDevice(GRE, Ipv4Packet.ofBytes(2000).bytes());
        lane.sentToWire();
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all).extracting(SeenPacket::innerBytes).containsExactly(2000, 1476, 544);
        assertThat(all).extracting(SeenPacket::outerBytes).containsExactly(0, 1500, 568);
    }

    @Test
    void congestionThatWasMarkedOnTheWayIsSeenInsideAndNotInTheOuterPacket() {
        for (byte[] inner :
                List.of(
                        Ipv4Packet.ofBytes(100).tos(2).bytes(),
                        Ipv6Packet.ofBytes(100).trafficClass(2).bytes())) {
            byte[] outer = fromPeer(inner);
            outer[1] |= 3;
            Ipv4Packet.withHeaderChecksum(outer);
            lane.readFromWire(outer);
            byte[] delivered = lane.deliveredTo(GRE).get(0);
            SeenPacket seen = onlySeen();
            assertThat(delivered).isNotEqualTo(inner);
            assertThat(seen.outer()).isEqualTo(outer);
            assertThat(seen.inner()).isEqualTo(delivered);
        }
    }

    @Test
    void packetsThatAreDeliveredInOneAreSeenAsTheyCame() {
        lane.ports.get(GRE).offload(segmentPool(), true);
        lane.ports.get(GRE).innerMtu(1476);
        List<byte[]> inner = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            inner.add(
                    new TcpSegment()
                            .sequence(1000 + 80 * i)
                            .flags(i == 2 ? TcpSegment.ACK | TcpSegment.PSH : TcpSegment.ACK)
                            .payload(new byte[80])
                            .over(new Ipv4Packet().identification(i + 1).dontFragment()));
        }
        byte[][] outer = inner.stream().map(this::fromPeer).toArray(byte[][]::new);
        PacketBatch batch = lane.batch(outer);
        lane.underlay.writeInbound(batch);
        assertThat(batch.isLive(1)).as("the second goes with the first").isFalse();
        // as a device does that puts a header of its own in front of what it writes
        batch.memory().put(batch.start(0) - 10, new byte[10]);
        assertThat(lane.deliveredTo(GRE)).hasSize(1);
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all).hasSize(3).allMatch(SeenPacket::isJoined).allMatch(s -> s.reason() == null);
        for (int i = 0; i < 3; i++) {
            assertThat(all.get(i).outer()).isEqualTo(outer[i]);
            assertThat(all.get(i).inner()).isEqualTo(inner.get(i));
            assertThat(all.get(i).innerBytes()).isEqualTo(inner.get(i).length);
        }
    }

    @Test
    void whatTheHostJoinedIsSeenOnceAsItCameWithTheSizeOfItsSegments() {
        byte[] joined =
                TransportChecksum.leavePartial(
                        new TcpSegment().payload(new byte[3000]).over(new Ipv4Packet()));
        byte[] outer = OuterPacket.gre("0000 0800", joined).bytes();
        lane.ports.get(GRE).innerMtu(1040);
        lane.readFromWire(outer);
        assertThat(lane.deliveredTo(GRE)).hasSize(3);
        SeenPacket seen = onlySeen();
        assertThat(seen.hostSegmentBytes()).isEqualTo(1000);
        assertThat(seen.superPacketBytes()).isZero();
        assertThat(seen.isJoined()).as("by the tunnel").isFalse();
        assertThat(seen.innerBytes()).isEqualTo(joined.length);
        assertThat(seen.outerBytes()).isEqualTo(outer.length);
    }

    @Test
    void segmentsOfASuperPacketAreSeenAsTheyLeave() {
        lane.ports.get(GRE).offload(segmentPool(), true);
        byte[] whole =
                TransportChecksum.leavePartial(
                        new TcpSegment()
                                .payload(Arrays.copyOf(Ipv4Packet.ofBytes(3000).bytes(), 3000))
                                .over(new Ipv4Packet().dontFragment()));
        PacketBatch batch = lane.batch(whole, INNER);
        batch.segmentBytes(0, 1400);
        lane.devices.get(GRE).writeInbound(batch);
        PacketBatch segments = lane.underlay.readOutbound();
        List<byte[]> left = new ArrayList<>();
        for (int slot = 0; slot < segments.size(); slot++) {
            left.add(EmbeddedLane.bytes(segments, slot));
        }
        segments.release();
        lane.sentToWire();
        List<SeenPacket> all = SeenPacket.by(tap);
        assertThat(all).extracting(SeenPacket::kind).containsOnly(Kind.TRANSMITTED).hasSize(4);
        assertThat(all)
                .extracting(SeenPacket::superPacketBytes)
                .containsExactly(3040, 3040, 3040, 0);
        assertThat(all).extracting(SeenPacket::outerBytes).containsExactly(1464, 1464, 264, 124);
        for (int i = 0; i < 4; i++) {
            assertThat(all.get(i).outer()).isEqualTo(cut(left.get(i), 24 + 256));
        }
        assertThat(all.get(3).inner()).isEqualTo(INNER);
    }

    @Test
    void errorsAboutPacketsThatWereSentAreSeen() {
        lane.readFromDevice(GRE, INNER);
        byte[] quoted = lane.sentToWire().get(0);
        SeenPacket.by(tap);
        lane.underlay.pipeline().fireUserEventTriggered(SendingEnd.icmp(3, 4, 1300, quoted));
        TraceRecord record = new TraceRecord();
        assertThat(tap.peek(record)).isTrue();
        assertThat(record.kind()).isEqualTo(Kind.OUTER_ERROR);
        assertThat(record.tunnel()).isEqualTo(GRE);
        assertThat(record.icmpType()).isEqualTo(3);
        assertThat(record.icmpCode()).isEqualTo(4);
        assertThat(record.infoMtu()).isEqualTo(1300);
        assertThat(record.offender().getHostAddress()).isEqualTo("198.51.100.1");
        assertThat(record.copyOuter()).isEqualTo(quoted);
        assertThat(record.superPacketBytes()).isZero();
        tap.advance();
        lane.underlay
                .pipeline()
                .fireUserEventTriggered(SendingEnd.icmp(3, 1, 0, Ipv4Packet.ofBytes(60).bytes()));
        assertThat(onlySeen().tunnel()).isEqualTo(NONE);
    }

    @Test
    void theSenderOfAnErrorIsSeenInBothVersionsOfIpAndWhereThereIsNone() throws Exception {
        byte[] quoted = Ipv4Packet.ofBytes(60).bytes();
        InetAddress router = InetAddress.getByName("2001:db8::ffff:1");
        TraceRecord record = new TraceRecord();
        lane.underlay
                .pipeline()
                .fireUserEventTriggered(
                        OuterError.icmpv6(90, 2, 0, 1280, router, ByteBuffer.wrap(quoted)));
        assertThat(tap.peek(record)).isTrue();
        assertThat(record.offender()).isEqualTo(router);
        assertThat(record.icmpType()).isEqualTo(2);
        assertThat(record.infoMtu()).isEqualTo(1280);
        assertThat(record.copyOuter()).isEqualTo(quoted);
        tap.advance();
        lane.underlay
                .pipeline()
                .fireUserEventTriggered(OuterError.refusal(90, 1500, ByteBuffer.wrap(quoted)));
        assertThat(tap.peek(record)).isTrue();
        assertThat(record.isLocalError()).isTrue();
        assertThat(record.offender()).isNull();
    }

    private static byte[] cut(byte[] packet, int most) {
        return Arrays.copyOf(packet, Math.min(packet.length, most));
    }

    private static BatchPool segmentPool() {
        return new BatchPool(2, 16, TunnelPort.SEGMENT_SLOT_BYTES, MemorySource.WITHOUT_ADDRESS);
    }
}
