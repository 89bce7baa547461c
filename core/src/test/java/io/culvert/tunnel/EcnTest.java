package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.ReceivingEnd;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6040 §4.2, and RFC 3168 §9.1.1 for the way in, for every pair of values. */
class EcnTest {
    private static final int DSCP = 0xb8;

    @ParameterizedTest(name = "inner {0}, outer {1}: {2}")
    @CsvSource({
        "NOT_ECT, NOT_ECT, NOT_ECT",
        "NOT_ECT, ECT_0, NOT_ECT",
        "NOT_ECT, ECT_1, NOT_ECT",
        "NOT_ECT, CE, DROP",
        "ECT_0, NOT_ECT, ECT_0",
        "ECT_0, ECT_0, ECT_0",
        "ECT_0, ECT_1, ECT_1",
        "ECT_0, CE, CE",
        "ECT_1, NOT_ECT, ECT_1",
        "ECT_1, ECT_0, ECT_1",
        "ECT_1, ECT_1, ECT_1",
        "ECT_1, CE, CE",
        "CE, NOT_ECT, CE",
        "CE, ECT_0, CE",
        "CE, ECT_1, CE",
        "CE, CE, CE"
    })
    void decapsulationFollowsThePrintedTable(String inner, String outer, String result) {
        assertThat(Ecn.decapsulate(bits(inner), bits(outer))).isEqualTo(bits(result));

        int outerTos = 0x28 | bits(outer);
        byte[] inner4 = Ipv4Packet.ofBytes(61).tos(DSCP | bits(inner)).bytes();
        byte[] inner6 = Ipv6Packet.ofBytes(61).trafficClass(DSCP | bits(inner)).bytes();
        byte[] expected4 = Ipv4Packet.ofBytes(61).tos(DSCP | bits(result) & 3).bytes();
        byte[] expected6 = Ipv6Packet.ofBytes(61).trafficClass(DSCP | bits(result) & 3).bytes();
        boolean isDropped = result.equals("DROP");

        assertReceived(OuterPacket.gre("0000 0800", inner4), outerTos, isDropped, expected4);
        assertReceived(OuterPacket.gre("0000 86dd", inner6), outerTos, isDropped, expected6);
        assertReceived(OuterPacket.carrying(4, inner4), outerTos, isDropped, expected4);
        assertReceived(OuterPacket.carrying(41, inner6), outerTos, isDropped, expected6);
    }

    /** The expected packet's header checksum was computed anew, so it proves the patched one. */
    private static void assertReceived(
            Ipv4Packet outer, int outerTos, boolean isDropped, byte[] expected) {
        ReceivingEnd.Received received =
                new ReceivingEnd(
                                Specs.of(TunnelMode.GRE).build(),
                                Specs.of(TunnelMode.IPIP).build(),
                                Specs.of(TunnelMode.SIT).build())
                        .receive(outer.tos(outerTos).bytes());
        if (isDropped) {
            assertThat(received.reason()).isEqualTo(DropReason.ECN_CE_ON_NOT_ECT);
            assertThat(received.inner()).isNull();
        } else {
            assertThat(received.reason()).isNull();
            assertThat(received.inner()).isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "inner {0}: outer {1}")
    @CsvSource({"NOT_ECT, NOT_ECT", "ECT_0, ECT_0", "ECT_1, ECT_1", "CE, ECT_0"})
    void encapsulationCopiesAllButCongestion(String inner, String outer) {
        assertThat(Ecn.encapsulate(bits(inner))).isEqualTo(bits(outer));

        byte[] inner4 = Ipv4Packet.ofBytes(61).tos(DSCP | bits(inner)).bytes();
        byte[] inner6 = Ipv6Packet.ofBytes(61).trafficClass(DSCP | bits(inner)).bytes();
        for (TunnelMode mode : List.of(TunnelMode.GRE, TunnelMode.IPIP, TunnelMode.SIT)) {
            TunnelSpec spec =
                    Specs.of(mode)
                            .payload(mode == TunnelMode.IPIP ? Payload.IPV4 : Payload.IP)
                            .build();
            assertThat(new SendingEnd(spec, 1500).send(inner4).only()[1] & 0xff)
                    .isEqualTo(bits(outer));
            if (mode != TunnelMode.IPIP) {
                assertThat(new SendingEnd(spec, 1500).send(inner6).only()[1] & 0xff)
                        .isEqualTo(bits(outer));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void whatGoesThroughBothEndsKeepsItsOwnBits(int inner) {
        assertThat(Ecn.decapsulate(inner, Ecn.encapsulate(inner))).isEqualTo(inner);
    }

    private static int bits(String name) {
        return switch (name) {
            case "NOT_ECT" -> 0;
            case "ECT_1" -> 1;
            case "ECT_0" -> 2;
            case "CE" -> 3;
            case "DROP" -> -1;
            default -> throw new IllegalArgumentException(name);
        };
    }
}
