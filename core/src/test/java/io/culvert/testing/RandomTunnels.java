package io.culvert.testing;

import io.culvert.tunnel.Payload;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.util.Arrays;
import java.util.Random;

/** Tunnels and packets of every kind, for properties. */
public final class RandomTunnels {
    private final Random random;

    public RandomTunnels(long seed) {
        random = new Random(seed);
    }

    /** A tunnel of {@link Specs} with any options that go together. */
    public TunnelSpec spec() {
        TunnelMode mode = TunnelMode.values()[random.nextInt(3)];
        TunnelSpecBuilder spec =
                Specs.of(mode)
                        .ttl(random.nextInt(256))
                        .tos(random.nextInt(256))
                        .pmtudisc(random.nextBoolean());
        if (mode == TunnelMode.SIT) {
            spec.payload(Payload.values()[random.nextInt(3)]);
        }
        if (mode == TunnelMode.GRE) {
            if (random.nextBoolean()) {
                spec.outputKey(random.nextInt());
            }
            spec.outputChecksum(random.nextBoolean()).outputSequence(random.nextBoolean());
            boolean ignoreDf = random.nextInt(4) == 0;
            if (ignoreDf) {
                spec.pmtudisc(false).ignoreDf(true);
            }
        }
        return spec.build();
    }

    /** An inner packet of the IP version, of 20 or 40 to a few thousand bytes. */
    public byte[] inner(boolean isIpv4) {
        int payloadBytes = random.nextInt(8) == 0 ? random.nextInt(9000) : random.nextInt(1480);
        byte[] payload = new byte[payloadBytes];
        random.nextBytes(payload);
        return isIpv4 ? inner4(payload) : inner6(payload);
    }

    private byte[] inner4(byte[] payload) {
        Ipv4Packet packet =
                new Ipv4Packet()
                        .tos(random.nextInt(256))
                        .identification(random.nextInt(65_536))
                        .ttl(random.nextInt(256))
                        .protocol(random.nextInt(256))
                        .source(random.nextInt())
                        .destination(0x0a00_0000 | random.nextInt(1 << 24))
                        .payload(payload);
        if (random.nextBoolean()) {
            packet.dontFragment();
        }
        if (random.nextInt(4) == 0) {
            packet.options(new byte[4 * (1 + random.nextInt(10))]);
        }
        return packet.bytes();
    }

    private byte[] inner6(byte[] payload) {
        return new Ipv6Packet()
                .trafficClass(random.nextInt(256))
                .hopLimit(random.nextInt(256))
                .nextHeader(random.nextInt(256))
                .payload(payload)
                .bytes();
    }

    /** The packet with some of its bits, bytes or its length changed, mostly near its start. */
    public byte[] mutated(byte[] packet) {
        byte[] mutant = packet.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && mutant.length > 0; i++) {
            int at = random.nextInt(Math.min(mutant.length, random.nextBoolean() ? 28 : 90));
            switch (random.nextInt(5)) {
                case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> mutant[at] = (byte) random.nextInt(256);
                case 2 -> mutant[at] = random.nextBoolean() ? 0 : (byte) 0xff;
                case 3 -> mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length + 1));
                default -> mutant = Arrays.copyOf(mutant, mutant.length + random.nextInt(9));
            }
        }
        return mutant;
    }

    public Random random() {
        return random;
    }
}
