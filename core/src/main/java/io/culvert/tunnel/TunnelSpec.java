package io.culvert.tunnel;

import io.culvert.wire.GreHeader;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Everything that makes a tunnel what it is, in the terms of {@code ip tunnel}; the one source of
 * truth from which templates, lookups and the device's MTU are derived. Immutable.
 *
 * @param name the device's name, 1 to 15 bytes
 * @param mode what stands between outer and inner header
 * @param payload which inner IP versions are carried
 * @param remote the peer's outer address; null for any
 * @param local our outer address; null when the route decides per packet
 * @param link the underlay device the tunnel is bound to; null for any
 * @param inputKey the key that received packets must have (GRE, RFC 2890)
 * @param outputKey the key that sent packets carry
 * @param inputChecksum whether received packets must have a checksum; without it they must not
 * @param outputChecksum whether sent packets carry a checksum
 * @param inputSequence whether received packets must be numbered and in order
 * @param outputSequence whether sent packets are numbered, from 0
 * @param ttl outer TTL 1 to 255, or 0 to inherit the inner one
 * @param tos outer TOS 0 to 255; an odd value means inherit, as the kernel has it
 * @param pmtudisc whether the outer DF bit is always set
 * @param ignoreDf whether the inner DF bit is not heeded; only without pmtudisc
 * @param innerMtu the device's MTU in bytes, or 0 to derive it from the underlay's
 * @param keepalive how the peer is asked whether it is there; null to ask nothing
 */
public record TunnelSpec(
        String name,
        TunnelMode mode,
        Payload payload,
        Inet4Address remote,
        Inet4Address local,
        String link,
        OptionalInt inputKey,
        OptionalInt outputKey,
        boolean inputChecksum,
        boolean outputChecksum,
        boolean inputSequence,
        boolean outputSequence,
        int ttl,
        int tos,
        boolean pmtudisc,
        boolean ignoreDf,
        int innerMtu,
        KeepaliveSpec keepalive) {

    /** {@code ttl} and {@code tos} that take the inner packet's value. */
    public static final int TTL_INHERIT = 0;

    /**
     * {@code tos inherit}: bit 0 asks for inheritance, the rest is for payloads that have no TOS.
     */
    public static final int TOS_INHERIT = 1;

    /** The least MTU of an IPv4 link, RFC 791 §3.2. */
    public static final int MIN_IPV4_MTU = 68;

    /** The least MTU of an IPv6 link, RFC 8200 §5. */
    public static final int MIN_IPV6_MTU = 1280;

    private static final int MAX_IP_PACKET_BYTES = 65_535;
    private static final int MAX_NAME_BYTES = 15;

    /**
     * Checks what must hold between the values.
     *
     * @throws IllegalArgumentException that says what is wrong and what to do, for a person
     */
    public TunnelSpec {
        checkName(name);
        if (mode != TunnelMode.GRE) {
            if (inputKey.isPresent() || outputKey.isPresent()) {
                throw new IllegalArgumentException(
                        "keys are not allowed with " + mode.word() + ": only gre has a key");
            }
            if (inputChecksum || outputChecksum) {
                throw new IllegalArgumentException(
                        "checksums are not allowed with "
                                + mode.word()
                                + ": only gre has a checksum");
            }
            if (inputSequence || outputSequence) {
                throw new IllegalArgumentException(
                        "sequence numbers are not allowed with "
                                + mode.word()
                                + ": only gre has them");
            }
        }
        if (mode == TunnelMode.IPIP && payload != Payload.IPV4) {
            throw new IllegalArgumentException("ipip carries IPv4 only; for IPv6 there is sit");
        }
        if (ttl < 0 || ttl > 255) {
            throw new IllegalArgumentException("ttl " + ttl + " is not 1 to 255 or inherit");
        }
        if (tos < 0 || tos > 255) {
            throw new IllegalArgumentException("tos " + tos + " is not 0 to 255 or inherit");
        }
        if (ignoreDf && pmtudisc) {
            throw new IllegalArgumentException(
                    "ignore-df needs nopmtudisc: with pmtudisc the outer DF bit is always set");
        }
        if (ignoreDf && mode != TunnelMode.GRE) {
            throw new IllegalArgumentException(
                    "ignore-df is not allowed with " + mode.word() + ": only gre has it");
        }
        if (remote != null && remote.isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "remote "
                            + remote.getHostAddress()
                            + " is multicast: give the address of one peer");
        }
        if (remote != null && remote.equals(local)) {
            throw new IllegalArgumentException(
                    "remote and local are both "
                            + remote.getHostAddress()
                            + ": a tunnel needs two ends");
        }
        if (innerMtu != 0) {
            int overhead = overheadBytes(mode, outputChecksum, outputKey, outputSequence);
            requireInnerMtu(innerMtu, payload, overhead);
        }
    }

    /**
     * Checks an MTU for the device, in bytes, before it becomes the spec's.
     *
     * @throws IllegalArgumentException with the range when it is out of it, as 0 always is
     */
    public void requireInnerMtu(long mtu) {
        requireInnerMtu(mtu, payload, overheadBytes());
    }

    private static void requireInnerMtu(long mtu, Payload payload, int overheadBytes) {
        int most = MAX_IP_PACKET_BYTES - overheadBytes;
        int least = payload == Payload.IPV6 ? MIN_IPV6_MTU : MIN_IPV4_MTU;
        if (mtu < least || mtu > most) {
            throw new IllegalArgumentException("mtu " + mtu + " is not " + least + " to " + most);
        }
    }

    /** A spec with the kernel's defaults for the mode: ttl inherit, tos 0, pmtudisc. */
    public static TunnelSpecBuilder builder(String name, TunnelMode mode) {
        return new TunnelSpecBuilder(name, mode);
    }

    /** A builder that starts from this spec. */
    public TunnelSpecBuilder toBuilder() {
        return new TunnelSpecBuilder(this);
    }

    /** The outer protocols that it receives, one or two; by the first one it sends. */
    public List<Integer> outerProtocols() {
        return IntStream.of(IpVersion.IPV6, IpVersion.IPV4)
                .filter(payload::carries)
                .map(mode::outerProtocol)
                .distinct()
                .boxed()
                .toList();
    }

    /** Bytes that encapsulation adds to each packet: outer IP header and GRE header. */
    public int overheadBytes() {
        return overheadBytes(mode, outputChecksum, outputKey, outputSequence);
    }

    /**
     * The device's MTU over an underlay, as the kernel derives it.
     *
     * @param underlayMtu the underlay's MTU in bytes
     */
    public int innerMtuOver(int underlayMtu) {
        if (innerMtu != 0) {
            return innerMtu;
        }
        int least = mode == TunnelMode.SIT ? MIN_IPV6_MTU : MIN_IPV4_MTU;
        int most = MAX_IP_PACKET_BYTES - overheadBytes();
        return Math.max(least, Math.min(most, underlayMtu - overheadBytes()));
    }

    /** Whether the outer TOS is the inner one. */
    public boolean inheritsTos() {
        return (tos & TOS_INHERIT) != 0;
    }

    /** The remote address as 32 bits, network order as an int; 0 for any. */
    public int remoteBits() {
        return bits(remote);
    }

    /** The local address as 32 bits, network order as an int; 0 for any. */
    public int localBits() {
        return bits(local);
    }

    private static int overheadBytes(
            TunnelMode mode, boolean checksum, OptionalInt key, boolean sequence) {
        int greBytes =
                mode == TunnelMode.GRE
                        ? GreHeader.lengthBytes(checksum, key.isPresent(), sequence)
                        : 0;
        return Ipv4Header.MIN_LENGTH + greBytes;
    }

    private static int bits(InetAddress address) {
        if (address == null) {
            return 0;
        }
        byte[] octets = address.getAddress();
        return (octets[0] & 0xff) << 24
                | (octets[1] & 0xff) << 16
                | (octets[2] & 0xff) << 8
                | octets[3] & 0xff;
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the tunnel's name is empty");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "name \""
                            + name
                            + "\" is too long: "
                            + bytes
                            + " bytes, at most "
                            + MAX_NAME_BYTES);
        }
        boolean hasBadCharacter =
                name.chars()
                        .anyMatch(
                                c -> c == '/' || c == ':' || c == '%' || Character.isWhitespace(c));
        if (hasBadCharacter || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(
                    "name \"" + name + "\" is not one that a network device may have");
        }
    }
}
