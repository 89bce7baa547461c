package io.culvert.testing;

import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
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
        TunnelSpecBuilder spec = TunnelSpec.builder("tun0", mode);
        return mode.outerVersion() == 4
                ? spec.local(address(LOCAL)).remote(address(REMOTE))
                : spec.local(address("2001:db8::2")).remote(address("2001:db8::1"));
    }

    /** The tunnel as its peer has it: the addresses and the directions of every option swapped. */
    public static TunnelSpec peer(TunnelSpec spec) {
        TunnelSpecBuilder peer =
                spec.toBuilder()
                        .local(spec.remote())
                        .remote(spec.local())
                        .noKey()
                        .inputChecksum(spec.gre().outputChecksum())
                        .outputChecksum(spec.gre().inputChecksum())
                        .inputSequence(spec.gre().outputSequence())
                        .outputSequence(spec.gre().inputSequence());
        spec.gre().outputKey().ifPresent(peer::inputKey);
        spec.gre().inputKey().ifPresent(peer::outputKey);
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

    /** The address that a text stands for. */
    public static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(text + " is an address", e);
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
        String kind = words.pop();
        Payload ofIp6tnl = payloadOfIp6tnl(kind);
        TunnelMode mode =
                ofIp6tnl != null
                        ? TunnelMode.IP6TNL
                        : TunnelMode.valueOf(kind.toUpperCase(Locale.ROOT));
        TunnelSpecBuilder spec = TunnelSpec.builder(name, mode);
        if (ofIp6tnl != null) {
            spec.payload(ofIp6tnl);
        }
        while (!words.isEmpty()) {
            String word = words.pop();
            switch (word) {
                case "local" -> spec.local(address(words.pop()));
                case "remote" -> spec.remote(address(words.pop()));
                case "ttl", "hoplimit" -> spec.ttl(inheritOrNumber(words.pop(), Outer.TTL_INHERIT));
                case "tos" -> spec.tos(inheritOrNumber(words.pop(), OuterIpv4.TOS_INHERIT));
                case "tclass" -> spec.trafficClass(inheritOrNumber(words.pop(), OuterIpv6.INHERIT));
                case "flowlabel" -> spec.flowLabel(inheritOrNumber(words.pop(), OuterIpv6.INHERIT));
                case "encaplimit" -> {
                    String limit = words.pop();
                    spec.encapLimit(
                            limit.equals("none")
                                    ? OuterIpv6.NO_ENCAP_LIMIT
                                    : Integer.decode(limit));
                }
                case "key" -> spec.key(Integer.decode(words.pop()));
                case "csum" -> spec.checksum(true);
                case "seq" -> spec.sequence(true);
                case "nopmtudisc" -> spec.pmtudisc(false);
                case "ignore-df" -> spec.ignoreDf(true);
                case "mode" -> spec.payload(words.pop().equals("any") ? Payload.IP : null);
                default -> throw new IllegalArgumentException(word + " in: " + command);
            }
        }
        return spec.build();
    }

    private static Payload payloadOfIp6tnl(String mode) {
        return switch (mode) {
            case "ipip6" -> Payload.IPV4;
            case "ip6ip6" -> Payload.IPV6;
            case "any" -> Payload.IP;
            default -> null;
        };
    }

    private static int inheritOrNumber(String word, int inherit) {
        return word.equals("inherit") ? inherit : Integer.decode(word);
    }
}
