package io.culvert.device;

import io.culvert.linux.ClassicBpf;
import io.culvert.linux.ClassicBpfWriter;
import io.culvert.wire.EtherType;
import io.culvert.wire.IpProtocol;

/*
 * Problem: every raw socket of a protocol is offered every packet of it, and all packets of a tunnel
 * have the same outer addresses. Each packet must be taken by exactly one socket, and those of one
 * inner flow by the same one, or they overtake each other.
 *
 * Layout: all lanes' programs compute the same number from a packet, and differ only in the last
 * comparison, so exactly one of them is true -- provided that none ends early. A load beyond the
 * packet's end would, in every lane, and the packet would be lost. Therefore each header's bytes are
 * compared with the packet's length before they are read.
 *
 *   odd                              lane 0   too short for its headers, not of IP, GRE with routing,
 *                                             another version or flags that nobody knows
 *   GRE with a sequence number       lane 0   its order is that of the tunnel, not of a flow
 *   TCP, UDP                         hash     addresses and ports
 *   fragments, and everything else   hash     addresses
 *
 * Source and destination are combined by exclusive or: both directions of a flow have one hash.
 * Outer fragments never come here, the kernel reassembles them before.
 *
 * Cost: 30 instructions for IPv4 in IPv4, 75 for TCP over IPv6 in GRE with all options, compiled by
 * the kernel, for each packet and lane.
 */

/**
 * Which of an outer protocol's packets one lane receives: a share of the inner flows, such that
 * each packet belongs to one lane and each flow stays in its lane.
 *
 * @param lane from 0
 * @param lanes how many share the packets, 1 or more
 */
public record FlowSplit(int lane, int lanes) {
    /** All packets. */
    public static final FlowSplit NONE = new FlowSplit(0, 1);

    private static final int MIN_IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int PORTS = 4;

    // RFC 2784 and RFC 2890: flags that have four bytes each, and those that are not odd
    private static final int GRE_BASE = 4;
    private static final int GRE_CHECKSUM = 0x8000;
    private static final int GRE_KEY = 0x2000;
    private static final int GRE_FLAGS = GRE_CHECKSUM | GRE_KEY;

    /** More fragments, or an offset. */
    private static final int IPV4_FRAGMENT = 0x3fff;

    /** Spreads what differs in few bits: 2 to the 32nd divided by the golden ratio. */
    private static final int SPREAD = 0x9e37_79b1;

    // cells of the program's memory
    private static final int AT = 0;
    private static final int HASH = 1;
    private static final int SCRATCH = 2;

    /** Checks the range. */
    public FlowSplit {
        if (lanes < 1 || lane < 0 || lane >= lanes) {
            throw new IllegalArgumentException("there is no lane " + lane + " of " + lanes);
        }
    }

    /** Whether there is anything to split. */
    boolean isNeeded() {
        return lanes > 1;
    }

    /**
     * The program that takes this lane's packets. A raw socket of IPv4 asks it about what begins
     * with the outer header, one of IPv6 about what follows all outer headers.
     *
     * @param outer what the socket is for
     */
    ClassicBpf filter(OuterProtocol outer) {
        return finish(new ClassicBpfWriter(), outer);
    }

    /**
     * The same, behind what was written to refuse other packets already.
     *
     * @param program whose index is still 0
     */
    ClassicBpf finish(ClassicBpfWriter program, OuterProtocol outer) {
        if (!outer.isOverIpv6()) {
            program.loadPacketLength().jumpIfLess(MIN_IPV4_HEADER, "odd").indexIpv4HeaderLength();
        }
        if (outer.number() == IpProtocol.GRE) {
            skipGre(program);
        }
        requireBytes(program, MIN_IPV4_HEADER, "odd");
        program.loadByte(0).and(0xf0).jumpIfEqual(0x60, "ipv6").jumpUnlessEqual(0x40, "odd");
        hashIpv4(program);
        program.label("ipv6");
        hashIpv6(program);
        program.label("ports");
        hashPorts(program);
        program.label("done")
                .loadMemory(HASH)
                .times(SPREAD)
                .shiftRight(16)
                .modulo(lanes)
                .jumpIfEqual(lane, "accept")
                .refuse();
        program.label("odd");
        return lane == 0
                ? program.label("accept").accept().program()
                : program.refuse().label("accept").accept().program();
    }

    /** Goes to the label unless the packet has so many bytes from the index on. */
    private static void requireBytes(ClassicBpfWriter program, int bytes, String otherwise) {
        program.storeIndex(AT)
                .copyFromIndex()
                .plus(bytes)
                .copyToIndex()
                .loadPacketLength()
                .jumpIfLessThanIndex(otherwise)
                .loadIndex(AT);
    }

    private static void skipGre(ClassicBpfWriter program) {
        requireBytes(program, GRE_BASE, "odd");
        program.loadHalf(0)
                .jumpIfAnyOf(~GRE_FLAGS & 0xffff, "odd")
                .loadHalf(2)
                .jumpIfEqual(EtherType.IPV4, "gre")
                .jumpUnlessEqual(EtherType.IPV6, "odd")
                .label("gre")
                .loadHalf(0)
                .and(GRE_CHECKSUM)
                .shiftRight(13)
                .plusIndex()
                .storeMemory(SCRATCH)
                .loadHalf(0)
                .and(GRE_KEY)
                .shiftRight(11)
                .loadIndex(SCRATCH)
                .plusIndex()
                .plus(GRE_BASE)
                .copyToIndex();
    }

    private static void hashIpv4(ClassicBpfWriter program) {
        program.loadWord(12).storeMemory(HASH);
        mixWord(program, 16);
        program.loadHalf(6).jumpIfAnyOf(IPV4_FRAGMENT, "done");
        program.loadByte(9)
                .jumpIfEqual(IpProtocol.TCP, "ipv4 ports")
                .jumpUnlessEqual(IpProtocol.UDP, "done");
        program.label("ipv4 ports")
                .loadByte(0)
                .and(0x0f)
                .shiftLeft(2)
                .plusIndex()
                .copyToIndex()
                .jump("ports");
    }

    private static void hashIpv6(ClassicBpfWriter program) {
        requireBytes(program, IPV6_HEADER, "odd");
        program.loadWord(8).storeMemory(HASH);
        for (int word = 12; word < IPV6_HEADER; word += Integer.BYTES) {
            mixWord(program, word);
        }
        program.loadByte(6)
                .jumpIfEqual(IpProtocol.TCP, "ipv6 ports")
                .jumpUnlessEqual(IpProtocol.UDP, "done");
        program.label("ipv6 ports").copyFromIndex().plus(IPV6_HEADER).copyToIndex();
    }

    private static void hashPorts(ClassicBpfWriter program) {
        requireBytes(program, PORTS, "done");
        program.loadHalf(0)
                .storeMemory(SCRATCH)
                .loadHalf(2)
                .loadIndex(SCRATCH)
                .xorIndex()
                .loadIndex(HASH)
                .xorIndex()
                .storeMemory(HASH);
    }

    private static void mixWord(ClassicBpfWriter program, int offset) {
        program.loadWord(offset).loadIndex(HASH).xorIndex().storeMemory(HASH).loadIndex(AT);
    }
}
