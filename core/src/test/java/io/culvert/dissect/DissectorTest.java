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
    void ipOfAnotherVersionThanAnnouncedIsReadAsWhatItIs() {
        byte[] packet =
                Hex.bytes(
                        "45000050 00010000 402ff67a c0000202 c0000201 00000800",
                        "60000000 00103a40 fd000009000000000000000000000002",
                        "fd000009000000000000000000000001 8000f406 00010001 6162636465666768");
        assertThat(OneLine.of(dissector.dissect(LinkType.RAW_IP, packet)))
                .isEqualTo(
                        "192.0.2.2 > 192.0.2.1 gre | fd00:9::2 > fd00:9::1 icmpv6 echo request, id"
                                + " 1, seq 1, length 16 (! IPv6 where IPv4 was announced)");
        packet[24] = 0x50;
        assertThat(OneLine.of(dissector.dissect(LinkType.RAW_IP, packet)))
                .isEqualTo(
                        "192.0.2.2 > 192.0.2.1 gre | no ipv4 (! no IPv4, which was announced: the"
                                + " version is 5)");
    }

    @Test
    void aShortIpv4PacketWhereIpv6WasAnnouncedIsNotCutShort() {
        byte[] packet =
                Hex.bytes(
                        "45000034 00010000 402ff696 c0000202 c0000201 000086dd",
                        "4500001c 00010000 400166cc 0a090002 0a090001 0800f7fd 00010001");
        Dissection dissection = dissector.dissect(LinkType.RAW_IP, packet);
        assertThat(OneLine.of(dissection))
                .isEqualTo(
                        "192.0.2.2 > 192.0.2.1 gre | 10.9.0.2 > 10.9.0.1 icmp echo request, id 1,"
                                + " seq 1, length 8 (! IPv4 where IPv6 was announced)");
    }

    @Test
    void bytesThatAreNothingAreData() {
        Dissection read = dissector.dissect(LinkType.RAW_IP, Hex.bytes("00 01 02"));
        assertThat(read.layers()).extracting(Layer::protocol).isEqualTo(List.of(Protocol.DATA));
    }
}
