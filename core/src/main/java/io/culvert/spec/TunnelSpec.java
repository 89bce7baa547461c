package io.culvert.spec;

import io.culvert.wire.IpVersion;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Everything that makes a tunnel what it is: a name and independent choices. The one source of
 * truth from which templates, lookups and the device's MTU are derived. Immutable.
 *
 * @param name the device's name, 1 to 15 bytes
 * @param outer the outer IP header
 * @param header what stands between outer header and payload
 * @param payload what is carried
 * @param device what concerns the network device and not the packets
 */
public record TunnelSpec(
        String name, Outer outer, Header header, Payload payload, DeviceSpec device) {

    /** The least MTU of an IPv4 link, RFC 791 §3.2. */
    public static final int MIN_IPV4_MTU = 68;

    /** The least MTU of an IPv6 link, RFC 8200 §5. */
    public static final int MIN_IPV6_MTU = 1280;

    private static final int MAX_IP_PACKET_BYTES = 65_535;
    private static final int MAX_NAME_BYTES = 15;

    /**
     * Checks what must hold between the choices.
     *
     * @throws IllegalArgumentException that says what is wrong and what to do, for a person
     */
    public TunnelSpec {
        checkName(name);
        if (payload.isEthernet() && !header.carriesEthernet()) {
            throw new IllegalArgumentException(
                    "Ethernet needs a GRE header: use gretap or ip6gretap");
        }
        if (outer instanceof OuterIpv4 ipv4
                && ipv4.fragmentation() == OuterIpv4.Fragmentation.ALWAYS_ALLOWED
                && !(header instanceof Gre)) {
            throw new IllegalArgumentException("ignore-df needs a GRE header: only gre has it");
        }
        if (payload.isEthernet() && device.keepalive() != null) {
            throw new IllegalArgumentException(
                    "keepalive is not offered for Ethernet tunnels: it has no address to ask");
        }
        if (device.innerMtu() != 0) {
            checkInnerMtu(device.innerMtu(), leastMtu(payload), mostMtu(outer, header, payload));
        }
    }

    /**
     * Checks an MTU for the device, in bytes, before it becomes the spec's.
     *
     * @throws IllegalArgumentException with the range when it is out of it, as 0 always is
     */
    public void requireInnerMtu(long mtu) {
        checkInnerMtu(mtu, leastMtu(payload), mostMtu(outer, header, payload));
    }

    private static void checkInnerMtu(long mtu, int least, int most) {
        if (mtu < least || mtu > most) {
            throw new IllegalArgumentException("mtu " + mtu + " is not " + least + " to " + most);
        }
    }

    private static int leastMtu(Payload payload) {
        return payload == Payload.IPV6 ? MIN_IPV6_MTU : MIN_IPV4_MTU;
    }

    private static int mostMtu(Outer outer, Header header, Payload payload) {
        return MAX_IP_PACKET_BYTES
                - outer.headerBytes()
                - header.lengthBytes()
                - payload.linkHeaderBytes();
    }

    /** A spec with the kernel's defaults for the kind of tunnel. */
    public static TunnelSpecBuilder builder(String name, TunnelMode mode) {
        return new TunnelSpecBuilder(name, mode);
    }

    /** A builder that starts from this spec. */
    public TunnelSpecBuilder toBuilder() {
        return new TunnelSpecBuilder(this);
    }

    /** The word for this kind of tunnel, for example {@code gre}. */
    public String word() {
        return TunnelMode.of(this).word();
    }

    /** The GRE options; none set where there is no GRE header. */
    public Gre gre() {
        return header.gre();
    }

    /**
     * Whether its keepalives are those of GRE in IPv4, which routers know; others ask by an echo
     * inside the tunnel.
     */
    public boolean hasGreKeepalives() {
        return header instanceof Gre
                && outer instanceof OuterIpv4
                && payload.carries(IpVersion.IPV4)
                && !payload.isEthernet();
    }

    /** The peer's outer address; null for any. */
    public InetAddress remote() {
        return outer.remote();
    }

    /** Our outer address; null when the route decides per packet. */
    public InetAddress local() {
        return outer.local();
    }

    /** The underlay device that the tunnel is bound to; null for any. */
    public String link() {
        return outer.link();
    }

    /** The outer protocols that it receives, one or two; by the first one it sends. */
    public List<Integer> outerProtocols() {
        return IntStream.of(IpVersion.IPV6, IpVersion.IPV4)
                .filter(payload::carries)
                .map(header::outerProtocol)
                .distinct()
                .boxed()
                .toList();
    }

    /** Bytes that encapsulation adds to what the device hands over. */
    public int overheadBytes() {
        return outer.headerBytes() + header.lengthBytes();
    }

    /**
     * The device's MTU over an underlay, as the kernel derives it.
     *
     * @param underlayMtu the underlay's MTU in bytes
     */
    public int innerMtuOver(int underlayMtu) {
        if (device.innerMtu() != 0) {
            return device.innerMtu();
        }
        // sit's floor is IPv6's, also with payload any
        boolean isForIpv6 = header instanceof Header.None && payload.carries(IpVersion.IPV6);
        int least = isForIpv6 ? MIN_IPV6_MTU : MIN_IPV4_MTU;
        int room = underlayMtu - overheadBytes() - payload.linkHeaderBytes();
        return Math.max(least, Math.min(mostMtu(outer, header, payload), room));
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
