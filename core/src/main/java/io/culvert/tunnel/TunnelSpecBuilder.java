package io.culvert.tunnel;

import java.net.Inet4Address;
import java.util.OptionalInt;

/** Collects a {@link TunnelSpec}; starts from the kernel's defaults. */
public final class TunnelSpecBuilder {
    private final String name;
    private final TunnelMode mode;
    private Payload payload;
    private Inet4Address remote;
    private Inet4Address local;
    private String link;
    private OptionalInt inputKey = OptionalInt.empty();
    private OptionalInt outputKey = OptionalInt.empty();
    private boolean inputChecksum;
    private boolean outputChecksum;
    private boolean inputSequence;
    private boolean outputSequence;
    private int ttl = TunnelSpec.TTL_INHERIT;
    private int tos;
    private boolean pmtudisc = true;
    private boolean ignoreDf;
    private int innerMtu;
    private KeepaliveSpec keepalive;

    TunnelSpecBuilder(String name, TunnelMode mode) {
        this.name = name;
        this.mode = mode;
        this.payload =
                switch (mode) {
                    case GRE -> Payload.ANY;
                    case IPIP -> Payload.IPV4;
                    case SIT -> Payload.IPV6;
                };
    }

    TunnelSpecBuilder(TunnelSpec spec) {
        name = spec.name();
        mode = spec.mode();
        payload = spec.payload();
        remote = spec.remote();
        local = spec.local();
        link = spec.link();
        inputKey = spec.inputKey();
        outputKey = spec.outputKey();
        inputChecksum = spec.inputChecksum();
        outputChecksum = spec.outputChecksum();
        inputSequence = spec.inputSequence();
        outputSequence = spec.outputSequence();
        ttl = spec.ttl();
        tos = spec.tos();
        pmtudisc = spec.pmtudisc();
        ignoreDf = spec.ignoreDf();
        innerMtu = spec.innerMtu();
        keepalive = spec.keepalive();
    }

    public TunnelSpecBuilder payload(Payload value) {
        payload = value;
        return this;
    }

    public TunnelSpecBuilder remote(Inet4Address value) {
        remote = value;
        return this;
    }

    public TunnelSpecBuilder local(Inet4Address value) {
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

    /** Outer TTL 1 to 255, or {@link TunnelSpec#TTL_INHERIT}. */
    public TunnelSpecBuilder ttl(int value) {
        ttl = value;
        return this;
    }

    /** Outer TOS 0 to 255; {@link TunnelSpec#TOS_INHERIT} in bit 0. */
    public TunnelSpecBuilder tos(int value) {
        tos = value;
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
        return new TunnelSpec(
                name,
                mode,
                payload,
                remote,
                local,
                link,
                inputKey,
                outputKey,
                inputChecksum,
                outputChecksum,
                inputSequence,
                outputSequence,
                ttl,
                tos,
                pmtudisc,
                ignoreDf,
                innerMtu,
                keepalive);
    }
}
