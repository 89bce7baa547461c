package io.culvert.dissect;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Vectors;
import java.util.List;
import org.junit.jupiter.api.Test;

class DissectorTest {
    private final Dissector dissector = new Dissector();

    @Test
    void aKernelsGrePacketIsItsOuterHeaderGreAndTheInnerPacket() {
        byte[] packet = Vectors.packets("gre-key-csum-seq-in4").get(0);
        Dissection read = dissector.dissect(LinkType.RAW_IP, packet);
        assertThat(read.layers())
                .extracting(Layer::protocol)
                .containsExactly(
                        Protocol.IPV4, Protocol.GRE, Protocol.IPV4, Protocol.ICMP, Protocol.DATA);
        Layer gre = read.layers().get(1);
        assertThat(gre.number("key", -1)).isEqualTo(7);
        assertThat(gre.checksum()).isEqualTo(ChecksumState.GOOD);
        assertThat(gre.offset()).isEqualTo(20);
        assertThat(gre.lengthBytes()).isEqualTo(16);
        assertThat(read.worst()).isEmpty();
        assertThat(OneLine.of(read))
                .isEqualTo(
                        "192.0.2.2 > 192.0.2.1 gre key 7 seq 0 csum"
                                + " | 10.9.0.2 > 10.9.0.1 icmp echo request, id 1, seq 1,"
                                + " length 64");
    }

    @Test
    void bytesThatAreNothingAreData() {
        Dissection read = dissector.dissect(LinkType.RAW_IP, Hex.bytes("00 01 02"));
        assertThat(read.layers()).extracting(Layer::protocol).isEqualTo(List.of(Protocol.DATA));
    }
}
