package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import io.culvert.testing.Vectors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every packet that a Linux kernel sent, read to its last header and written again. */
class KernelPacketsTest {
    private static final int AT = 13;
    private static final int LOCAL = 0xc0000202;
    private static final int REMOTE = 0xc0000201;

    private final Ipv4Header outer = new Ipv4Header();
    private final GreHeader gre = new GreHeader();
    private final Ipv4Header inner = new Ipv4Header();
    private final Ipv6Header innerV6 = new Ipv6Header();

    static Stream<String> all() {
        return Vectors.ofIpInIpv4().stream();
    }

    static Stream<String> gre() {
        return all().filter(name -> name.startsWith("gre"));
    }

    /** The captures whose outer packets are whole. */
    static Stream<String> whole() {
        return all().filter(name -> !name.matches(".*(nopmtudisc|ignoredf)-big.*"));
    }

    @ParameterizedTest
    @MethodSource("all")
    void outerHeadersAreValidAndTheirChecksumsRight(String name) {
        String command = Vectors.named(name).command();
        int protocol =
                command.contains("ipip") || name.equals("sit-any-in4")
                        ? IpProtocol.IPIP
                        : command.contains("sit") ? IpProtocol.IPV6 : IpProtocol.GRE;
        for (byte[] packet : Vectors.packets(name)) {
            outer.wrap(Memory.holding(packet, AT), AT);
            assertThat(outer.isValid(packet.length)).isTrue();
            assertThat(outer.isValid(packet.length - 1)).isFalse();
            assertThat(outer.hasValidHeaderChecksum()).isTrue();
            assertThat(outer.hasOptions()).isFalse();
            assertThat(outer.protocol()).isEqualTo(protocol);
            assertThat(outer.source()).isEqualTo(LOCAL);
            assertThat(outer.destination()).isEqualTo(REMOTE);
            assertThat(outer.identification()).isNotZero();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void anOuterHeaderLaidDownFieldByFieldIsTheKernels(String name) {
        Ipv4Header copy = new Ipv4Header();
        for (byte[] packet : Vectors.packets(name)) {
            outer.wrap(Memory.holding(packet, AT), AT);
            ByteBuffer memory = Memory.dirty(20);
            copy.wrap(memory, 0)
                    .versionAndHeaderLength(outer.headerLengthBytes())
                    .tos(outer.tos())
                    .totalLengthBytes(outer.totalLengthBytes())
                    .identification(outer.identification())
                    .fragmentation(
                            outer.dontFragment(),
                            outer.moreFragments(),
                            outer.fragmentOffsetBytes())
                    .ttl(outer.ttl())
                    .protocol(outer.protocol())
                    .source(outer.source())
                    .destination(outer.destination())
                    .writeHeaderChecksum();
            assertThat(Hex.text(memory, 0, 20)).isEqualTo(Hex.text(ByteBuffer.wrap(packet), 0, 20));
        }
    }

    @ParameterizedTest
    @MethodSource("gre")
    void greHeadersHaveWhatTheirCommandAskedFor(String name) {
        String command = Vectors.named(name).command();
        boolean hasKey = command.contains(" key ");
        int key = !hasKey ? 0 : command.contains("0x01020304") ? 0x01020304 : 7;
        // an -in6 capture was taken behind the twelve packets of -in4, on the same device
        int firstSequenceNumber = name.endsWith("-in6") ? 12 : 0;
        int packetsBefore = 0;
        for (byte[] packet : Vectors.packets(name)) {
            ByteBuffer memory = Memory.holding(packet, AT);
            outer.wrap(memory, AT);
            if (outer.fragmentOffsetBytes() > 0) {
                continue;
            }
            gre.wrap(memory, outer.payloadAt());
            int greAndPayloadBytes = outer.payloadLengthBytes();
            assertThat(gre.isValid(greAndPayloadBytes)).isTrue();
            assertThat(gre.version()).isZero();
            assertThat(gre.reservedFlags()).isZero();
            assertThat(gre.hasRouting()).isFalse();
            assertThat(gre.protocolType())
                    .isEqualTo(
                            IpVersion.of(memory, gre.payloadAt()) == 4
                                    ? EtherType.IPV4
                                    : EtherType.IPV6);
            assertThat(gre.hasChecksum()).isEqualTo(command.contains(" csum"));
            assertThat(gre.hasKey()).isEqualTo(hasKey);
            assertThat(gre.hasSequence()).isEqualTo(command.contains(" seq"));
            if (hasKey) {
                assertThat(gre.key()).isEqualTo(key);
            }
            if (gre.hasSequence()) {
                assertThat(gre.sequenceNumber()).isEqualTo(firstSequenceNumber + packetsBefore);
            }
            if (gre.hasChecksum()) {
                assertThat(gre.reserved1()).isZero();
                assertThat(gre.hasValidChecksum(greAndPayloadBytes)).isTrue();
            }
            assertGreHeaderWritesBack(packet, key, greAndPayloadBytes);
            packetsBefore++;
        }
        assertThat(packetsBefore).isPositive();
    }

    private void assertGreHeaderWritesBack(byte[] packet, int key, int greAndPayloadBytes) {
        GreFields fields =
                new GreFields(
                        gre.hasChecksum(),
                        gre.hasKey(),
                        key,
                        gre.hasSequence(),
                        gre.protocolType());
        ByteBuffer memory = Memory.holding(packet, 0);
        GreHeader copy = new GreHeader().wrap(memory, 20);
        assertThat(fields.write(memory, 20)).isEqualTo(20 + gre.lengthBytes());
        if (gre.hasSequence()) {
            copy.sequenceNumber(gre.sequenceNumber());
        }
        if (gre.hasChecksum()) {
            copy.writeChecksum(greAndPayloadBytes);
        }
        assertThat(Hex.text(memory, 0, packet.length))
                .isEqualTo(Hex.text(ByteBuffer.wrap(packet), 0, packet.length));
    }

    @ParameterizedTest
    @MethodSource("whole")
    void innerPacketsAreValidToTheirTransportChecksum(String name) {
        List<byte[]> packets = Vectors.packets(name);
        int transportChecksums = 0;
        for (byte[] packet : packets) {
            ByteBuffer memory = Memory.holding(packet, AT);
            outer.wrap(memory, AT);
            assertThat(outer.isFragment()).isFalse();
            int innerAt = outer.payloadAt();
            if (outer.protocol() == IpProtocol.GRE) {
                innerAt = gre.wrap(memory, innerAt).payloadAt();
            }
            int available = AT + packet.length - innerAt;
            boolean checked =
                    IpVersion.of(memory, innerAt) == IpVersion.IPV4
                            ? assertIpv4(memory, innerAt, available)
                            : assertIpv6(memory, innerAt, available);
            transportChecksums += checked ? 1 : 0;
        }
        assertThat(transportChecksums).isPositive();
    }

    private boolean assertIpv4(ByteBuffer memory, int at, int availableBytes) {
        inner.wrap(memory, at);
        assertThat(inner.isValid(availableBytes)).isTrue();
        assertThat(inner.totalLengthBytes()).isEqualTo(availableBytes);
        assertThat(inner.hasValidHeaderChecksum()).isTrue();
        if (inner.isFragment()) {
            return false;
        }
        int length = inner.payloadLengthBytes();
        int pseudo =
                inner.protocol() == IpProtocol.ICMP
                        ? 0
                        : InternetChecksum.pseudoHeaderV4Sum(
                                inner.source(), inner.destination(), inner.protocol(), length);
        assertThat(InternetChecksum.sum(memory, inner.payloadAt(), length, pseudo))
                .isEqualTo(0xffff);
        return true;
    }

    private boolean assertIpv6(ByteBuffer memory, int at, int availableBytes) {
        innerV6.wrap(memory, at);
        assertThat(innerV6.isValid(availableBytes)).isTrue();
        assertThat(innerV6.totalLengthBytes()).isEqualTo(availableBytes);
        assertThat(innerV6.isSourceSingleNode()).isTrue();
        if (innerV6.nextHeader() == IpProtocol.IPV6_FRAGMENT) {
            return false;
        }
        int length = innerV6.payloadLengthBytes();
        int pseudo = innerV6.pseudoHeaderSum(innerV6.nextHeader(), length);
        assertThat(InternetChecksum.sum(memory, innerV6.payloadAt(), length, pseudo))
                .isEqualTo(0xffff);
        return true;
    }
}
