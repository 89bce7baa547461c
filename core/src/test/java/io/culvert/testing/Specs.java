package io.culvert.testing;

import io.culvert.tunnel.Payload;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.wire.Ipv4Address;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;

/** Tunnels for tests, and those of the commands that the kernel's packets were made with. */
public final class Specs {
    /** The address of the end that sent the kernel's packets. */
    public static final int LOCAL = 0xc000_0202;

    /** The address of its peer. */
    public static final int REMOTE = 0xc000_0201;

    private Specs() {}

    /** A tunnel from {@link #LOCAL} to {@link #REMOTE} with the kernel's defaults. */
    public static TunnelSpecBuilder of(TunnelMode mode) {
        return TunnelSpec.builder("tun0", mode).local(address(LOCAL)).remote(address(REMOTE));
    }

    /** The tunnel as its peer has it: the addresses and the directions of every option swapped. */
    public static TunnelSpec peer(TunnelSpec spec) {
        TunnelSpecBuilder peer =
                spec.toBuilder()
                        .local(spec.remote())
                        .remote(spec.local())
                        .noKey()
                        .inputChecksum(spec.outputChecksum())
                        .outputChecksum(spec.inputChecksum())
                        .inputSequence(spec.outputSequence())
                        .outputSequence(spec.inputSequence());
        spec.outputKey().ifPresent(peer::inputKey);
        spec.inputKey().ifPresent(peer::outputKey);
        return peer.build();
    }

    public static Inet4Address address(int bits) {
        byte[] octets = ByteBuffer.allocate(4).putInt(bits).array();
        try {
            return (Inet4Address) InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("four octets are an address", e);
        }
    }

    /** The tunnel that a command of {@code vectors/README.md} makes. */
    public static TunnelSpec parse(String command) {
        Deque<String> words = new ArrayDeque<>(Arrays.asList(command.split(" ")));
        while (!words.pop().equals("add")) {
            // ip tunnel add, ip link add
        }
        String name = words.pop();
        words.pop(); // mode or type
        TunnelMode mode = TunnelMode.valueOf(words.pop().toUpperCase(Locale.ROOT));
        TunnelSpecBuilder spec = TunnelSpec.builder(name, mode);
        while (!words.isEmpty()) {
            String word = words.pop();
            switch (word) {
                case "local" -> spec.local(address(Ipv4Address.parse(words.pop())));
                case "remote" -> spec.remote(address(Ipv4Address.parse(words.pop())));
                case "ttl" -> spec.ttl(inheritOrNumber(words.pop(), TunnelSpec.TTL_INHERIT));
                case "tos" -> spec.tos(inheritOrNumber(words.pop(), TunnelSpec.TOS_INHERIT));
                case "key" -> spec.key(Integer.decode(words.pop()));
                case "csum" -> spec.checksum(true);
                case "seq" -> spec.sequence(true);
                case "nopmtudisc" -> spec.pmtudisc(false);
                case "ignore-df" -> spec.ignoreDf(true);
                case "mode" -> spec.payload(words.pop().equals("any") ? Payload.ANY : null);
                default -> throw new IllegalArgumentException(word + " in: " + command);
            }
        }
        return spec.build();
    }

    private static int inheritOrNumber(String word, int inherit) {
        return word.equals("inherit") ? inherit : Integer.decode(word);
    }
}
