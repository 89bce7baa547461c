package io.culvert.testing;

import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Tunnels and packets of every kind, for properties. */
public final class RandomTunnels {
    private final Random random;

    public RandomTunnels(long seed) {
        random = new Random(seed);
    }

    /** A tunnel of {@link Specs} with any options that go together. */
    public TunnelSpec spec() {
        return spec(TunnelMode.values()[random.nextInt(TunnelMode.values().length)]);
    }

    /** Likewise one that carries IP in IPv4. */
    public TunnelSpec specOverIpv4() {
        List<TunnelMode> modes = List.of(TunnelMode.GRE, TunnelMode.IPIP, TunnelMode.SIT);
        return spec(modes.get(random.nextInt(modes.size())));
    }

    private TunnelSpec spec(TunnelMode mode) {
        TunnelSpecBuilder spec =
                Specs.of(mode)
                        .ttl(random.nextInt(256))
                        .tos(random.nextInt(256))
                        .pmtudisc(random.nextBoolean())
                        .payload(mode.payloads().get(random.nextInt(mode.payloads().size())));
        if (mode.outerVersion() == 6) {
            // ip6gre sends the ECN bits of a fixed class, which change those of the inner packet
            spec.trafficClass(random.nextBoolean() ? OuterIpv6.INHERIT : random.nextInt(64) << 2)
                    .flowLabel(random.nextInt(0x10_0000))
                    .encapLimit(random.nextInt(257) - 1);
        }
        if (mode.hasGre()) {
            if (random.nextBoolean()) {
                spec.outputKey(random.nextInt());
            }
            spec.outputChecksum(random.nextBoolean()).outputSequence(random.nextBoolean());
            boolean ignoreDf = random.nextInt(4) == 0;
            if (ignoreDf && mode.outerVersion() == 4) {
                spec.pmtudisc(false).ignoreDf(true);
            }
        }
        return spec.build();
    }

    /** A packet that the tunnel may be handed: a frame, where it carries Ethernet. */
    public byte[] inner(TunnelSpec spec) {
        boolean isIpv4 = random.nextBoolean();
        byte[] packet = inner(isIpv4);
        if (!spec.payload().isEthernet()) {
            return packet;
        }
        ByteBuffer frame = ByteBuffer.allocate(14 + packet.length);
        frame.putLong(0x0200_5e00_5301_0200L).putInt(0x5e00_5302);
        frame.putShort((short) (isIpv4 ? 0x0800 : 0x86dd));
        return frame.put(packet).array();
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
