package io.culvert.linux;

/*
 * A message's block:
 *
 *   | iovec iovec sockaddr_in | cmsghdr protocol | cmsghdr in_pktinfo |
 *   | 16    16    16          | 16      4 (+ 4)  | 16      12 (+ 28)  |
 *
 * A message takes 68 bytes of it, and with them a second cache line; one that must leave by an
 * interface takes 100, and no third.
 *
 * A raw socket with IP_HDRINCL takes all packets for those of protocol 255, also where it asks for
 * IPsec policies, and sends a packet in the clear that a policy of GRE would encrypt. Since Linux 6.4
 * a message may say what the protocol is [1]. It is always said: a policy or a routing rule
 * ("ip rule ... ipproto gre") that comes later must find it. The sending end alone took 1459 ns
 * (1423-1566) a TCP segment with it and 1407 (1346-1413) without, in three interleaved rounds.
 *
 * [1] Linux commit 3632679d9e4f "ipv{4,6}/raw: fix output xfrm lookup wrt protocol"
 */

/** Messages to IPv4 addresses, whose way the host's routes know, or of a connected socket. */
public final class RoutedMessages extends OutgoingMessages {
    private static final int BLOCK_BYTES = 128;
    private static final int PROTOCOL = NAME + Abi.SOCKADDR_IN_BYTES;
    private static final int PROTOCOL_BYTES = Abi.controlSpace(Integer.BYTES);
    private static final int LINK = PROTOCOL + PROTOCOL_BYTES;
    private static final int LINK_DATA = LINK + Abi.CMSGHDR_BYTES;
    private static final int LINK_BYTES = Abi.controlSpace(Abi.IN_PKTINFO_BYTES);

    private final int statedBytes;

    /** Who knows where messages go. */
    public enum Addressing {
        /** Each message says it. */
        BY_MESSAGE,
        /** The socket is connected; it may be of any family. */
        CONNECTED
    }

    /** Messages that do not say what protocol they are of. */
    public RoutedMessages(int capacity, Addressing addressing) {
        this(capacity, addressing, 0);
    }

    /**
     * @param capacity messages there is room for; the kernel takes 1,024 in one call
     * @param protocol that each message says it is of, for a socket that {@linkplain
     *     LinuxSocket#knowsOption knows} {@link LinuxSocket#IP_PROTOCOL}; 0 to say nothing
     */
    public RoutedMessages(int capacity, Addressing addressing, int protocol) {
        super(
                capacity,
                BLOCK_BYTES,
                addressing == Addressing.BY_MESSAGE ? Abi.SOCKADDR_IN_BYTES : 0);
        statedBytes = protocol == 0 ? 0 : PROTOCOL_BYTES;
        for (int i = 0; i < capacity; i++) {
            long control = memory.address() + block(i) + (protocol == 0 ? LINK : PROTOCOL);
            memory.bytes()
                    .putLong(header(i) + Abi.MSGHDR_CONTROL, control)
                    .putShort(block(i) + NAME + Abi.SOCKADDR_IN_FAMILY, (short) LinuxSocket.AF_INET)
                    .putInt(block(i) + PROTOCOL + Abi.CMSGHDR_BYTES, protocol);
            control(block(i) + PROTOCOL, LinuxSocket.IP_PROTOCOL, Integer.BYTES);
            control(block(i) + LINK, LinuxSocket.IP_PKTINFO, Abi.IN_PKTINFO_BYTES);
        }
    }

    private void control(int at, int type, int dataBytes) {
        memory.bytes()
                .putLong(at + Abi.CMSGHDR_LEN, Abi.controlLength(dataBytes))
                .putInt(at + Abi.CMSGHDR_LEVEL, LinuxSocket.SOL_IP)
                .putInt(at + Abi.CMSGHDR_TYPE, type);
    }

    /**
     * Describes a message.
     *
     * @param message its index, below the capacity
     * @param packetAddress native address of the packet's first byte
     * @param lengthBytes the packet's length, without a tail
     * @param destinationIpv4 where the packet goes, as {@code int} bits
     * @param interfaceIndex the interface that it must leave by, 0 to let the routes say
     */
    public void put(
            int message,
            long packetAddress,
            int lengthBytes,
            int destinationIpv4,
            int interfaceIndex) {
        packet(message, packetAddress, lengthBytes);
        int block = block(message);
        memory.bytes()
                .putLong(
                        header(message) + Abi.MSGHDR_CONTROLLEN,
                        interfaceIndex == 0 ? statedBytes : statedBytes + LINK_BYTES);
        memory.networkInt(block + NAME + Abi.SOCKADDR_IN_ADDR, destinationIpv4);
        if (interfaceIndex != 0) {
            memory.bytes().putInt(block + LINK_DATA + Abi.IN_PKTINFO_IFINDEX, interfaceIndex);
        }
    }
}
