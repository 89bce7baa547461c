package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Ipv4TemplateTest {
    private static final int AT = 9;
    private static final String DIRT = "a5a5a5a5";

    /** The header of a keepalive in tcpdump's various_gre.pcap. */
    @Test
    void aRouterSentTheSameHeader() {
        ByteBuffer memory = Memory.dirty(64);
        new Ipv4Template(IpProtocol.GRE, 0x0aac4007, 0x0aac4006)
                .tos(0xc0)
                .totalLengthBytes(0x40)
                .identification(0xa4)
                .ttl(255)
                .write(memory, AT);
        assertThat(Hex.text(memory, AT, Ipv4Header.MIN_LENGTH))
                .isEqualTo("45c0004000a40000ff2f24c60aac40070aac4006");
    }

    @Test
    void onlyItsOwnBytesAreWritten() {
        ByteBuffer memory = Memory.dirty(64);
        new Ipv4Template(IpProtocol.IPIP, 1, 2).write(memory, AT);
        assertThat(Hex.text(memory, AT - 4, 4)).isEqualTo(DIRT);
        assertThat(Hex.text(memory, AT + Ipv4Header.MIN_LENGTH, 4)).isEqualTo(DIRT);
    }

    @Test
    void anyHeaderIsWhatFieldByFieldMakesOfIt() {
        SplittableRandom random = new SplittableRandom(791);
        ByteBuffer memory = Memory.dirty(64);
        ByteBuffer expected = Memory.dirty(64);
        for (int i = 0; i < 20_000; i++) {
            // all ones now and then: where a carry comes back
            int extremes = random.nextInt(4) == 0 ? -1 : 0;
            int protocol = random.nextInt(256) | extremes & 0xff;
            int source = random.nextInt() | extremes;
            int destination = random.nextInt() | extremes;
            int tos = random.nextInt(256) | extremes & 0xff;
            int totalLengthBytes = random.nextInt(20, 0x10000) | extremes & 0xffff;
            int identification = random.nextInt(0x10000) | extremes & 0xffff;
            int ttl = random.nextInt(256) | extremes & 0xff;
            boolean dontFragment = random.nextBoolean();
            new Ipv4Template(protocol, source, destination)
                    .tos(tos)
                    .totalLengthBytes(totalLengthBytes)
                    .identification(identification)
                    .dontFragment(dontFragment)
                    .ttl(ttl)
                    .write(memory, AT);
            new Ipv4Header()
                    .wrap(expected, AT)
                    .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                    .tos(tos)
                    .totalLengthBytes(totalLengthBytes)
                    .identification(identification)
                    .fragmentation(dontFragment, false, 0)
                    .ttl(ttl)
                    .protocol(protocol)
                    .source(source)
                    .destination(destination)
                    .writeHeaderChecksum();
            assertThat(memory).as("header %d", i).isEqualTo(expected);
        }
    }
}
