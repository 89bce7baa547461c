package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.spec.TunnelMode;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.tunnel.OuterError;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Errors that an underlay reports reach the tunnel that they are about, and no other. */
class OuterErrorEventTest {
    private static final int GRE = 0;
    private static final int IPIP = 1;
    private static final byte[] INNER = Ipv4Packet.ofBytes(1400).dontFragment().bytes();

    private final EmbeddedLane lane =
            new EmbeddedLane(
                    1500,
                    Specs.of(TunnelMode.GRE).ttl(64).build(),
                    Specs.of(TunnelMode.IPIP).ttl(64).build());
    private final List<Object> passedOn = new ArrayList<>();

    OuterErrorEventTest() {
        lane.underlay
                .pipeline()
                .addLast(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void userEventTriggered(
                                    ChannelHandlerContext context, Object event) {
                                passedOn.add(event);
                            }
                        });
    }

    @AfterEach
    void close() {
        lane.close();
    }

    private OuterError about(int tunnel, byte[] inner, int type, int code, int mtu) {
        lane.readFromDevice(tunnel, inner);
        return SendingEnd.icmp(type, code, mtu, lane.sentToWire().get(0));
    }

    private void report(Object event) {
        lane.underlay.pipeline().fireUserEventTriggered(event);
    }

    @Test
    void fragmentationNeededLowersThePathOfItsTunnelAlone() {
        OuterError error = about(GRE, INNER, 3, 4, 1300);
        report(error);
        assertThat(lane.ports.get(GRE).lastError()).isSameAs(error);
        assertThat(lane.ports.get(GRE).pathMtu().outerMtu(System.nanoTime())).isEqualTo(1300);
        assertThat(lane.ports.get(IPIP).lastError()).isNull();
        assertThat(lane.ports.get(IPIP).pathMtu().outerMtu(System.nanoTime())).isEqualTo(1500);
        assertThat(lane.counts(GRE))
                .isEqualTo(
                        Map.of(
                                "READ", 1L,
                                "SENT", 1L,
                                "SENT_BYTES", 1400L,
                                "ICMP_ERRORS_RECEIVED", 1L));
        assertThat(passedOn).containsExactly(error);
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void theSenderOfAQuotedIpv6PacketIsToldThroughTheDevice() {
        report(about(GRE, Ipv6Packet.ofBytes(100).bytes(), 3, 1, 0));
        assertThat(lane.deliveredTo(GRE)).hasSize(1);
        assertThat(lane.counts(GRE))
                .containsEntry("ICMP_ERRORS_RECEIVED", 1L)
                .containsEntry("ICMP_ERRORS_WRITTEN", 1L);
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void anErrorAboutNobodysPacketIsPassedOnAndCountedNowhere() {
        OuterError error = SendingEnd.icmp(3, 1, 0, Ipv4Packet.ofBytes(100).bytes());
        report(error);
        report("another event");
        assertThat(passedOn).containsExactly(error, "another event");
        assertThat(lane.counts(GRE)).isEmpty();
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void messagesThatAreNoBatchesPassThrough() {
        lane.underlay.writeInbound("from the wire");
        assertThat((String) lane.underlay.readInbound()).isEqualTo("from the wire");
        lane.devices.get(GRE).writeInbound("from the device");
        assertThat((String) lane.devices.get(GRE).readInbound()).isEqualTo("from the device");
    }

    @Test
    void aPortKnowsItsTunnel() {
        TunnelPort port = lane.ports.get(GRE);
        assertThat(port.spec()).isSameAs(port.endpoint().spec());
        assertThat(port.pathMtu().outerMtu(System.nanoTime())).isEqualTo(1500);
    }

    @Test
    void portsWhoseIndicesAreNotTheirPlacesAreRefused() {
        List<TunnelPort> swapped = List.of(lane.ports.get(IPIP), lane.ports.get(GRE));
        assertThatThrownBy(() -> new LaneTunnels().tunnels(swapped))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tun0 does not have the index 0");
    }
}
