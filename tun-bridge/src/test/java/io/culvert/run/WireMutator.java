package io.culvert.run;

import io.culvert.peers.OuterPackets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Damages packets that a Linux kernel sent, in any way that still lets the kernel of the receiving
 * host hand them to a raw socket: the outer header stays one that is delivered.
 */
final class WireMutator {
    private static final Path VECTORS =
            Path.of("..", "core", "src", "test", "resources", "vectors");
    private static final int HEADER_BYTES = 20;
    private static final int LARGEST_BYTES = 1500;
    private static final byte[] PROTOCOLS = {47, 47, 47, 4, 41};

    private final List<byte[]> seeds;
    private final SplittableRandom random;

    WireMutator(long seed) {
        random = new SplittableRandom(seed);
        try (Stream<Path> captures = Files.list(VECTORS)) {
            seeds =
                    captures.filter(path -> path.toString().endsWith(".pcap"))
                            .sorted()
                            .flatMap(path -> OuterPackets.read(path, "ip").stream())
                            .map(packet -> packet.getRawData())
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + VECTORS, e);
        }
    }

    /** The next packet, from 192.0.2.2 or, now and then, from a stranger on its link. */
    byte[] next() {
        byte[] seed = seeds.get(random.nextInt(seeds.size()));
        byte[] packet = Arrays.copyOf(seed, lengthFor(seed.length));
        int mutations = random.nextInt(6);
        for (int i = 0; i < mutations && packet.length > HEADER_BYTES; i++) {
            mutate(packet);
        }
        deliverable(packet);
        return packet;
    }

    /** Mostly as it is; sometimes cut, sometimes with a tail of zeros. */
    private int lengthFor(int lengthBytes) {
        return switch (random.nextInt(8)) {
            case 0 -> HEADER_BYTES + random.nextInt(lengthBytes - HEADER_BYTES + 1);
            case 1 -> Math.min(LARGEST_BYTES, HEADER_BYTES + random.nextInt(64));
            case 2 -> Math.min(LARGEST_BYTES, lengthBytes + random.nextInt(32));
            default -> Math.min(LARGEST_BYTES, lengthBytes);
        };
    }

    /** Most damage is done where the headers are. */
    private void mutate(byte[] packet) {
        int payloadBytes = packet.length - HEADER_BYTES;
        int reach = random.nextInt(4) == 0 ? payloadBytes : Math.min(payloadBytes, 64);
        int at = HEADER_BYTES + random.nextInt(reach);
        switch (random.nextInt(4)) {
            case 0 -> packet[at] = (byte) random.nextInt();
            case 1 -> packet[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> packet[at] = (byte) (random.nextBoolean() ? 0 : 0xff);
            default -> packet[HEADER_BYTES] ^= (byte) (random.nextInt() & 0xb0); // C, K, S
        }
    }

    private void deliverable(byte[] packet) {
        packet[0] = 0x45;
        packet[1] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : packet[1]);
        packet[6] = (byte) (random.nextBoolean() ? 0x40 : 0); // a part of nothing
        packet[7] = 0;
        packet[8] = (byte) (1 + random.nextInt(255));
        if (random.nextInt(8) == 0) {
            packet[9] = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        }
        if (random.nextInt(16) == 0) {
            packet[15] = (byte) (3 + random.nextInt(200));
        }
    }
}
