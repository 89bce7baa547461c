package io.culvert.device;

import io.culvert.linux.ClassicBpf;
import io.culvert.linux.ClassicBpfWriter;
import io.culvert.wire.Ipv4Address;
import java.util.Collection;
import java.util.List;

/*
 * A packet socket is offered what the host only forwards, too, and what its card heard for others.
 * Of each such packet the filter reads two words and lets it go on its way.
 *
 * Fragments have nothing that a flow could be told by. All of them go to the first lane, which puts
 * them together.
 */

/**
 * The packets of one outer protocol that come to this host for some of its addresses.
 *
 * @param protocol IP protocol number, such as 47 for GRE
 * @param addresses as {@code int} bits, 1 to {@link #MOST_ADDRESSES}
 */
public record LocalPackets(int protocol, List<Integer> addresses) {
    /** Each makes the kernel compare once more for every packet. */
    public static final int MOST_ADDRESSES = 256;

    private static final int PACKET_HOST = 0; // linux/if_packet.h
    private static final int IPV4_FRAGMENT = 0x3fff;

    // RFC 791 §3.1
    private static final int FRAGMENTATION_AT = 6;
    private static final int PROTOCOL_AT = 9;
    private static final int DESTINATION_AT = 16;

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public LocalPackets {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || addresses.size() > MOST_ADDRESSES) {
            throw new IllegalArgumentException(
                    "packet sockets take the packets of 1 to "
                            + MOST_ADDRESSES
                            + " local addresses, not "
                            + addresses.size());
        }
    }

    /** Those for any of the addresses, each of which may be there twice. */
    public static LocalPackets of(int protocol, Collection<Integer> addresses) {
        return new LocalPackets(protocol, addresses.stream().distinct().toList());
    }

    /** The program that takes a lane's share of them, from the IPv4 header on. */
    ClassicBpf filter(FlowSplit split) {
        ClassicBpfWriter program = new ClassicBpfWriter();
        program.loadPacketType()
                .jumpIfEqual(PACKET_HOST, "for this host")
                .refuse()
                .label("for this host")
                .loadByte(PROTOCOL_AT)
                .jumpIfEqual(protocol, "of the protocol")
                .refuse()
                .label("of the protocol")
                .loadWord(DESTINATION_AT);
        for (int address : addresses) {
            String otherwise = "not " + Ipv4Address.format(address);
            program.jumpUnlessEqual(address, otherwise).jump("local").label(otherwise);
        }
        program.refuse().label("local");
        if (!split.isNeeded()) {
            return program.accept().program();
        }
        program.loadHalf(FRAGMENTATION_AT)
                .jumpIfAnyOf(IPV4_FRAGMENT, "fragment")
                .jump("whole")
                .label("fragment");
        return split.finish(
                (split.lane() == 0 ? program.accept() : program.refuse()).label("whole"),
                OuterProtocol.overIpv4(protocol));
    }
}
