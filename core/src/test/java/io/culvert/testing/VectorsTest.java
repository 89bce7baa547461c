package io.culvert.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class VectorsTest {
    @Test
    void everyRowOfTheTableHasItsCaptureWithThatManyPackets() {
        assertThat(Vectors.names()).hasSize(55).isSorted();
        for (String name : Vectors.names()) {
            assertThat(Vectors.packets(name))
                    .as(name)
                    .hasSize(Vectors.named(name).packetCount())
                    .allSatisfy(packet -> assertThat(packet[0] >> 4).isIn(4, 6));
        }
    }

    @Test
    void aRowTellsHowItsCaptureWasMade() {
        assertThat(Vectors.named("gre-mtu1500-big4"))
                .isEqualTo(
                        new Vectors.Vector(
                                "gre-mtu1500-big4",
                                6,
                                "ip tunnel add g0 mode gre local 192.0.2.2 remote 192.0.2.1 ttl 64",
                                "mtu 1500"));
    }

    @Test
    void anUnknownNameIsAnErrorThatListsTheKnownOnes() {
        assertThatThrownBy(() -> Vectors.packets("gre-in5")).hasMessageContaining("gre-in4");
    }

    @Test
    void whatIsNotACaptureIsRefused() {
        assertThatThrownBy(() -> PcapFile.parse(new byte[24])).hasMessageContaining("not a pcap");
    }
}
