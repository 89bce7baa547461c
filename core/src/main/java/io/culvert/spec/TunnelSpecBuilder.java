package io.culvert.spec;

import io.culvert.spec.OuterIpv4.Fragmentation;
import io.culvert.wire.IpVersion;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.OptionalInt;

/** Collects a {@link TunnelSpec}; starts from the kernel's defaults. */
public final class TunnelSpecBuilder {
    private final String name;
    private final TunnelMode mode;
    private Payload payload;
    private InetAddress remote;
    private InetAddress local;
    private String link;
    private OptionalInt inputKey = OptionalInt.empty();
    private OptionalInt outputKey = OptionalInt.empty();
    private boolean inputChecksum;
    private boolean outputChecksum;
    private boolean inputSequence;
    private boolean outputSequence;
    private int ttl;
    private int tos;
    private int trafficClass;
    private int flowLabel;
    private int encapLimit = OuterIpv6.DEFAULT_ENCAP_LIMIT;
    private boolean copiesDscp;
    private boolean allowsLocalRemote;
    private boolean pmtudisc = true;
    private boolean ignoreDf;
    private int innerMtu;
    private KeepaliveSpec keepalive;

    TunnelSpecBuilder(String name, TunnelMode mode) {
        this.name = name;
        this.mode = mode;
        this.payload = mode.payload();
        this.ttl =
                mode.outerVersion() == IpVersion.IPV6
                        ? OuterIpv6.DEFAULT_HOP_LIMIT
                        : Outer.TTL_INHERIT;
    }

    TunnelSpecBuilder(TunnelSpec spec) {
        name = spec.name();
        mode = TunnelMode.of(spec);
        payload = spec.payload();
        remote = spec.remote();
        local = spec.local();
        link = spec.link();
        ttl = spec.outer().ttl();
        Gre gre = spec.gre();
        inputKey = gre.inputKey();
        outputKey = gre.outputKey();
        inputChecksum = gre.inputChecksum();
        outputChecksum = gre.outputChecksum();
        inputSequence = gre.inputSequence();
        outputSequence = gre.outputSequence();
        innerMtu = spec.device().innerMtu();
        keepalive = spec.device().keepalive();
        if (spec.outer() instanceof OuterIpv4 outer) {
            tos = outer.tos();
            pmtudisc = outer.pmtudisc();
            ignoreDf = outer.fragmentation() == Fragmentation.ALWAYS_ALLOWED;
        } else if (spec.outer() instanceof OuterIpv6 outer) {
            trafficClass = outer.trafficClass();
            flowLabel = outer.flowLabel();
            encapLimit = outer.encapLimit();
            copiesDscp = outer.copiesDscp();
            allowsLocalRemote = outer.allowsLocalRemote();
        }
    }

    public TunnelSpecBuilder payload(Payload value) {
        payload = value;
        return this;
    }

    public TunnelSpecBuilder remote(InetAddress value) {
        remote = value;
        return this;
    }

    public TunnelSpecBuilder local(InetAddress value) {
        local = value;
        return this;
    }

    public TunnelSpecBuilder link(String value) {
        link = value;
        return this;
    }

    /** Sets both keys. */
    public TunnelSpecBuilder key(int value) {
        return inputKey(value).outputKey(value);
    }

    public TunnelSpecBuilder inputKey(int value) {
        inputKey = OptionalInt.of(value);
        return this;
    }

    public TunnelSpecBuilder outputKey(int value) {
        outputKey = OptionalInt.of(value);
        return this;
    }

    /** Takes both keys away. */
    public TunnelSpecBuilder noKey() {
        return noInputKey().noOutputKey();
    }

    public TunnelSpecBuilder noInputKey() {
        inputKey = OptionalInt.empty();
        return this;
    }

    public TunnelSpecBuilder noOutputKey() {
        outputKey = OptionalInt.empty();
        return this;
    }

    /** Sets both directions. */
    public TunnelSpecBuilder checksum(boolean value) {
        return inputChecksum(value).outputChecksum(value);
    }

    public TunnelSpecBuilder inputChecksum(boolean value) {
        inputChecksum = value;
        return this;
    }

    public TunnelSpecBuilder outputChecksum(boolean value) {
        outputChecksum = value;
        return this;
    }

    /** Sets both directions. */
    public TunnelSpecBuilder sequence(boolean value) {
        return inputSequence(value).outputSequence(value);
    }

    public TunnelSpecBuilder inputSequence(boolean value) {
        inputSequence = value;
        return this;
    }

    public TunnelSpecBuilder outputSequence(boolean value) {
        outputSequence = value;
        return this;
    }

    /** Outer TTL 1 to 255, or {@link Outer#TTL_INHERIT}. */
    public TunnelSpecBuilder ttl(int value) {
        ttl = value;
        return this;
    }

    /** Outer TOS of an IPv4 header, 0 to 255; {@link OuterIpv4#TOS_INHERIT} in bit 0. */
    public TunnelSpecBuilder tos(int value) {
        tos = value;
        return this;
    }

    /** Of an IPv6 header, 0 to 255, or {@link OuterIpv6#INHERIT}. */
    public TunnelSpecBuilder trafficClass(int value) {
        trafficClass = value;
        return this;
    }

    /** Of an IPv6 header: 0 for automatic, 1 to 0xfffff, or {@link OuterIpv6#INHERIT}. */
    public TunnelSpecBuilder flowLabel(int value) {
        flowLabel = value;
        return this;
    }

    /** Of an IPv6 header: 0 to 255, or {@link OuterIpv6#NO_ENCAP_LIMIT}. */
    public TunnelSpecBuilder encapLimit(int value) {
        encapLimit = value;
        return this;
    }

    /** Whether a received packet's outer DSCP becomes the inner one. */
    public TunnelSpecBuilder copiesDscp(boolean value) {
        copiesDscp = value;
        return this;
    }

    /** Whether the remote may be an address of this host. */
    public TunnelSpecBuilder allowsLocalRemote(boolean value) {
        allowsLocalRemote = value;
        return this;
    }

    public TunnelSpecBuilder pmtudisc(boolean value) {
        pmtudisc = value;
        return this;
    }

    public TunnelSpecBuilder ignoreDf(boolean value) {
        ignoreDf = value;
        return this;
    }

    /** The device's MTU in bytes, or 0 to derive it from the underlay's. */
    public TunnelSpecBuilder innerMtu(int value) {
        innerMtu = value;
        return this;
    }

    /** How the peer is asked whether it is there, or null to ask nothing. */
    public TunnelSpecBuilder keepalive(KeepaliveSpec value) {
        keepalive = value;
        return this;
    }

    /**
     * The spec.
     *
     * @throws IllegalArgumentException when the values do not go together
     */
    public TunnelSpec build() {
        if (!mode.payloads().contains(payload)) {
            throw new IllegalArgumentException(
                    mode == TunnelMode.IPIP
                            ? "ipip carries IPv4 only; for IPv6 there is sit"
                            : mode.word() + " does not carry " + payload);
        }
        return new TunnelSpec(
                name,
                mode.outerVersion() == IpVersion.IPV4 ? outerIpv4() : outerIpv6(),
                header(),
                payload,
                new DeviceSpec(innerMtu, keepalive));
    }

    private OuterIpv4 outerIpv4() {
        if (ignoreDf && pmtudisc) {
            throw new IllegalArgumentException(
                    "ignore-df needs nopmtudisc: with pmtudisc the outer DF bit is always set");
        }
        if (ignoreDf && !mode.hasGre()) {
            throw new IllegalArgumentException(
                    "ignore-df is not allowed with " + mode.word() + ": only gre has it");
        }
        Fragmentation whenAllowed =
                ignoreDf ? Fragmentation.ALWAYS_ALLOWED : Fragmentation.AS_INNER;
        return new OuterIpv4(
                (Inet4Address) ofFamily(local, "local"),
                (Inet4Address) ofFamily(remote, "remote"),
                link,
                ttl,
                tos,
                pmtudisc ? Fragmentation.NEVER : whenAllowed);
    }

    private OuterIpv6 outerIpv6() {
        return new OuterIpv6(
                (Inet6Address) ofFamily(local, "local"),
                (Inet6Address) ofFamily(remote, "remote"),
                link,
                ttl,
                trafficClass,
                flowLabel,
                encapLimit,
                copiesDscp,
                allowsLocalRemote);
    }

    private InetAddress ofFamily(InetAddress address, String which) {
        int version = mode.outerVersion();
        Class<?> family = version == IpVersion.IPV4 ? Inet4Address.class : Inet6Address.class;
        if (address != null && !family.isInstance(address)) {
            throw new IllegalArgumentException(
                    which
                            + " "
                            + address.getHostAddress()
                            + " is not an IPv"
                            + version
                            + " address, which "
                            + mode.word()
                            + " needs");
        }
        return address;
    }

    private Header header() {
        Gre gre =
                new Gre(
                        inputKey,
                        outputKey,
                        inputChecksum,
                        outputChecksum,
                        inputSequence,
                        outputSequence);
        if (mode.hasGre()) {
            return gre;
        }
        if (inputKey.isPresent() || outputKey.isPresent()) {
            throw new IllegalArgumentException(
                    "keys are not allowed with " + mode.word() + ": only gre has a key");
        }
        if (inputChecksum || outputChecksum) {
            throw new IllegalArgumentException(
                    "checksums are not allowed with " + mode.word() + ": only gre has a checksum");
        }
        if (inputSequence || outputSequence) {
            throw new IllegalArgumentException(
                    "sequence numbers are not allowed with " + mode.word() + ": only gre has them");
        }
        return mode.header();
    }
}
