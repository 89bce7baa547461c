package io.culvert.survey;

import io.culvert.dissect.ChecksumState;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import java.util.Map;
import java.util.TreeMap;

/** One direction of a tunnel, as its packets show it. Confined to one thread. */
public final class SeenTunnel {
    private final TunnelId id;
    private final SequenceGaps sequence = new SequenceGaps();
    private final Spread ttl = new Spread();
    private final Spread trafficClass = new Spread();
    private final Spread encapsulationLimit = new Spread();
    private final Map<String, Long> inside = new TreeMap<>();
    private long packets;
    private long bytes;
    private long withChecksum;
    private long withSequence;
    private long dontFragment;
    private long fragments;
    private long keepalives;
    private long otherVersions;
    private long badOuterChecksums;
    private long badTunnelChecksums;
    private long joined;
    private int largestInnerBytes;
    private long firstNanos;
    private long lastNanos;

    SeenTunnel(TunnelId id) {
        this.id = id;
    }

    void add(TunnelHeader header, long epochNanos, boolean isFragment, boolean isKeepalive) {
        time(epochNanos);
        packets++;
        bytes += header.outerBytes();
        fragments += isFragment ? 1 : 0;
        keepalives += isKeepalive ? 1 : 0;
        otherVersions += header.isOtherVersionInside() ? 1 : 0;
        inside.merge(isKeepalive ? "keepalive" : header.inside(), 1L, Long::sum);
        outer(header.outer());
        if (header.gre() != null) {
            gre(header.gre());
        }
        if (header.udp() != null && header.udp().checksum() == ChecksumState.BAD) {
            badTunnelChecksums++;
        }
    }

    void addInnerBytes(int innerBytes) {
        largestInnerBytes = Math.max(largestInnerBytes, innerBytes);
    }

    void addJoined() {
        joined++;
    }

    /** A fragment behind the first one of a packet that is counted. */
    void addFragment(Layer outer, int outerBytes, long epochNanos) {
        time(epochNanos);
        bytes += outerBytes;
        fragments++;
        outer(outer);
    }

    void addEncapsulationLimit(long limit) {
        encapsulationLimit.add(limit);
    }

    private void outer(Layer outer) {
        boolean isIpv4 = outer.protocol() == Protocol.IPV4;
        ttl.add(outer.number(isIpv4 ? "ttl" : "hop-limit", 0));
        trafficClass.add(outer.number("dscp", 0) << 2 | outer.number("ecn", 0));
        dontFragment += outer.isSet("dont-fragment") ? 1 : 0;
        badOuterChecksums += outer.checksum() == ChecksumState.BAD ? 1 : 0;
    }

    private void gre(Layer gre) {
        if (gre.checksum() == ChecksumState.BAD) {
            badTunnelChecksums++;
        }
        if (gre.isSet("checksum-present")) {
            withChecksum++;
        }
        if (gre.has("sequence-number")) {
            withSequence++;
            sequence.add((int) gre.number("sequence-number", 0));
        }
    }

    /** Captures from several interfaces may stand in a file out of order. */
    private void time(long epochNanos) {
        boolean isFirst = packets == 0;
        firstNanos = isFirst ? epochNanos : Math.min(firstNanos, epochNanos);
        lastNanos = isFirst ? epochNanos : Math.max(lastNanos, epochNanos);
    }

    public TunnelId id() {
        return id;
    }

    /** Outer packets; of one in fragments, only the first. */
    public long packets() {
        return packets;
    }

    /** Bytes of outer packets, their IP headers included. */
    public long bytes() {
        return bytes;
    }

    /** What they carry, and how many of them. */
    public Map<String, Long> inside() {
        return Map.copyOf(inside);
    }

    public SequenceGaps sequence() {
        return sequence;
    }

    /** Packets with a GRE checksum. */
    public long withChecksum() {
        return withChecksum;
    }

    /** Packets with a sequence number. */
    public long withSequence() {
        return withSequence;
    }

    /** Outer packets, fragments included, that must not be fragmented. */
    public long dontFragment() {
        return dontFragment;
    }

    /** Fragments of outer packets. */
    public long fragments() {
        return fragments;
    }

    public long keepalives() {
        return keepalives;
    }

    /** Packets with IPv6 inside where IPv4 was announced, or the other way around. */
    public long otherVersions() {
        return otherVersions;
    }

    /** Outer IPv4 headers whose checksum is wrong. */
    public long badOuterChecksums() {
        return badOuterChecksums;
    }

    /** Packets whose GRE or UDP checksum is wrong. */
    public long badTunnelChecksums() {
        return badTunnelChecksums;
    }

    /**
     * Packets that the host where they were captured had joined from several, or was still to
     * split.
     */
    public long joined() {
        return joined;
    }

    /**
     * Bytes of the largest IP packet inside that was on the wire as it is: the tunnel's MTU is at
     * least that.
     */
    public int largestInnerBytes() {
        return largestInnerBytes;
    }

    /** TTL or hop limit of the outer header. */
    public Spread ttl() {
        return ttl;
    }

    /** TOS or traffic class of the outer header, ECN included. */
    public Spread trafficClass() {
        return trafficClass;
    }

    /** The tunnel encapsulation limit of RFC 2473; empty where none was seen. */
    public Spread encapsulationLimit() {
        return encapsulationLimit;
    }

    /** Nanoseconds since 1970. */
    public long firstNanos() {
        return firstNanos;
    }

    /** Nanoseconds since 1970. */
    public long lastNanos() {
        return lastNanos;
    }
}
