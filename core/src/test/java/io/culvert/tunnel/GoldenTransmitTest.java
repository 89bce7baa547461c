package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.spec.OuterIpv4;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Hex;
import io.culvert.testing.Reassembly;
import io.culvert.testing.ReceivingEnd;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.testing.Vectors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The packets of a Linux 6.1 kernel, byte for byte: its inner packet through our tunnel of the same
 * command. Only the outer IPv4 ID and, with it, the header checksum may differ, and an outer IPv6
 * flow label that the tunnel makes itself.
 */
class GoldenTransmitTest {
    private static final int OUTER_MTU = 1500;

    static Stream<String> all() {
        return Vectors.names().stream();
    }

    static Stream<String> overIpv4() {
        return all().filter(name -> spec(name).outer() instanceof OuterIpv4)
                .filter(name -> !spec(name).payload().isEthernet());
    }

    /** Where the host that made the vectors fragmented inner packets at the tunnel's MTU. */
    static Stream<String> withInnerFragments() {
        return overIpv4()
                .filter(name -> !Vectors.named(name).command().contains("nopmtudisc"))
                .filter(name -> innerPackets(name).stream().anyMatch(Reassembly::isFragment));
    }

    @ParameterizedTest
    @MethodSource("all")
    void theOuterPacketsAreTheKernels(String name) {
        SendingEnd tunnel = tunnel(name);
        List<byte[]> sent = new ArrayList<>();
        for (byte[] inner : innerPackets(name)) {
            sent.addAll(sendWhole(tunnel, inner));
        }
        assertThat(texts(sent, spec(name))).isEqualTo(texts(Vectors.packets(name), spec(name)));
    }

    @ParameterizedTest
    @MethodSource("withInnerFragments")
    void theInnerFragmentsAreTheKernels(String name) {
        SendingEnd tunnel = tunnel(name);
        List<byte[]> sent = new ArrayList<>();
        for (byte[] inner : Reassembly.of(innerPackets(name))) {
            sent.addAll(sendWhole(tunnel, inner));
        }
        assertThat(texts(sent, spec(name))).isEqualTo(texts(Vectors.packets(name), spec(name)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyPacketComesOutAsItWentIn(String name) {
        ReceivingEnd peer = new ReceivingEnd(Specs.peer(spec(name)));
        List<byte[]> inner = innerPackets(name);
        List<byte[]> outer = Reassembly.of(Vectors.packets(name));
        for (int i = 0; i < outer.size(); i++) {
            ReceivingEnd.Received received = peer.receive(outer.get(i));
            assertThat(received.reason()).isNull();
            assertThat(received.tunnel()).isZero();
            // what the kernel makes of ECN on the way in never changes it on the way out
            assertThat(received.inner()).isEqualTo(inner.get(i));
        }
    }

    @ParameterizedTest
    @MethodSource("overIpv4")
    void theFragmentsOfAPacketShareItsIdAndNoOtherPacketHasIt(String name) {
        SendingEnd tunnel = tunnel(name);
        List<Integer> identifications = new ArrayList<>();
        for (byte[] inner : innerPackets(name)) {
            List<byte[]> outer = sendWhole(tunnel, inner);
            List<Integer> ofPacket =
                    outer.stream().map(packet -> 0xffff & at(packet, 4)).distinct().toList();
            assertThat(ofPacket).hasSize(1).doesNotContain(0);
            identifications.addAll(ofPacket);
        }
        assertThat(identifications).doesNotHaveDuplicates();
    }

    private static List<byte[]> sendWhole(SendingEnd tunnel, byte[] inner) {
        SendingEnd.Sent sent = tunnel.send(inner);
        assertThat(sent.reason()).isNull();
        assertThat(sent.errors()).isEmpty();
        return sent.outer();
    }

    private static TunnelSpec spec(String name) {
        return Specs.parse(Vectors.named(name).command());
    }

    /** A tunnel that has sent what the kernel's had sent before the capture began. */
    private static SendingEnd tunnel(String name) {
        SendingEnd tunnel = new SendingEnd(spec(name), OUTER_MTU);
        // an -in6 capture was taken behind the packets of -in4, on the same device
        String before = name.replace("-in6", "-in4");
        if (!before.equals(name) && Vectors.names().contains(before)) {
            innerPackets(before).forEach(tunnel::send);
        }
        if (spec(name).payload().isEthernet() && spec(name).gre().outputSequence()) {
            // the kernel's had sent a few ARP requests
            byte[] first = Vectors.packets(name).get(0);
            int number = ByteBuffer.wrap(first).getInt(20 + spec(name).header().lengthBytes() - 4);
            for (int i = 0; i < number; i++) {
                tunnel.send(innerPackets(name).get(0));
            }
        }
        return tunnel;
    }

    private static List<byte[]> innerPackets(String name) {
        return Reassembly.of(Vectors.packets(name)).stream()
                .map(GoldenTransmitTest::innerOf)
                .toList();
    }

    private static byte[] innerOf(byte[] outer) {
        boolean isIpv6 = outer[0] >> 4 == 6;
        int headerBytes = isIpv6 ? 40 : 20;
        int protocol = outer[isIpv6 ? 6 : 9];
        if (protocol == 60) {
            protocol = outer[headerBytes];
            headerBytes += 8;
        }
        if (protocol == 47) {
            int flags = at(outer, headerBytes);
            headerBytes += 4 + 4 * Integer.bitCount(flags & 0xb000);
        }
        return Arrays.copyOfRange(outer, headerBytes, outer.length);
    }

    private static int at(byte[] packet, int index) {
        return ByteBuffer.wrap(packet).getShort(index);
    }

    /** The packets as text, without what may differ. */
    private static List<String> texts(List<byte[]> packets, TunnelSpec spec) {
        return packets.stream()
                .map(packet -> ByteBuffer.wrap(packet.clone()))
                .map(packet -> without(packet, spec))
                .map(packet -> Hex.text(packet, 0, packet.capacity()))
                .toList();
    }

    private static ByteBuffer without(ByteBuffer packet, TunnelSpec spec) {
        if (spec.outer() instanceof OuterIpv4) {
            return packet.putShort(4, (short) 0).putShort(10, (short) 0);
        }
        int label = packet.getInt(0) & 0xf_ffff;
        assertThat(label).isNotZero();
        return packet.putInt(0, packet.getInt(0) & ~0xf_ffff);
    }
}
