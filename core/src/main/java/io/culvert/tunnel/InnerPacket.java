package io.culvert.tunnel;

import io.culvert.spec.Payload;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;

/**
 * The packet that a tunnel's device handed over, read once: what the parts of the outer headers and
 * the rules for large packets ask of it.
 *
 * <p>For an Ethernet tunnel it is a frame, and what is asked is asked of the IP packet in it, as
 * Linux does. Confined to one thread; allocates nothing.
 */
final class InnerPacket {
    /** The TTL of what has none; Linux's default for a route. */
    private static final int TTL_OF_OTHERS = 64;

    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;
    private static final int LABEL_BITS = 20;

    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final EthernetHeader ethernet = new EthernetHeader();
    private final boolean isEthernet;

    private int ipVersion;
    private int ipAt;
    private int lengthBytes;
    private int ttl;
    private int tos;

    InnerPacket(Payload payload) {
        isEthernet = payload.isEthernet();
    }

    /**
     * Reads what starts at {@code at}.
     *
     * @param limitBytes bytes that are there, in the slot and its tail
     * @return false when the packet is not all there, or not IP where it must be
     */
    boolean read(ByteBuffer memory, int at, int limitBytes) {
        return isEthernet ? readFrame(memory, at, limitBytes) : readIp(memory, at, limitBytes);
    }

    private boolean readIp(ByteBuffer memory, int at, int limitBytes) {
        ipAt = at;
        ipVersion = limitBytes > 0 ? IpVersion.of(memory, at) : 0;
        if (ipVersion == IpVersion.IPV4 && ipv4.wrap(memory, at).isValid(limitBytes)) {
            lengthBytes = ipv4.totalLengthBytes();
            readIpv4();
            return true;
        }
        if (ipVersion == IpVersion.IPV6 && ipv6.wrap(memory, at).isValid(limitBytes)) {
            lengthBytes = ipv6.totalLengthBytes();
            readIpv6();
            return true;
        }
        return false;
    }

    /** A frame may carry anything; its own length is all there is to know of it. */
    private boolean readFrame(ByteBuffer memory, int at, int limitBytes) {
        if (!ethernet.wrap(memory, at).isValid(limitBytes)) {
            return false;
        }
        lengthBytes = limitBytes;
        ipAt = ethernet.payloadAt();
        int ipLimit = limitBytes - EthernetHeader.LENGTH;
        int etherType = ethernet.etherType();
        if (etherType == EtherType.IPV4 && ipv4.wrap(memory, ipAt).isValid(ipLimit)) {
            ipVersion = IpVersion.IPV4;
            readIpv4();
        } else if (etherType == EtherType.IPV6 && ipv6.wrap(memory, ipAt).isValid(ipLimit)) {
            ipVersion = IpVersion.IPV6;
            readIpv6();
        } else {
            ipVersion = 0;
            ttl = TTL_OF_OTHERS;
            tos = 0;
        }
        return true;
    }

    private void readIpv4() {
        ttl = ipv4.ttl();
        tos = ipv4.tos();
    }

    private void readIpv6() {
        ttl = ipv6.hopLimit();
        tos = ipv6.trafficClass();
    }

    /** 4 or 6; 0 for a frame without IP in it. */
    int ipVersion() {
        return ipVersion;
    }

    boolean isIpv4() {
        return ipVersion == IpVersion.IPV4;
    }

    boolean isIpv6() {
        return ipVersion == IpVersion.IPV6;
    }

    boolean isEthernet() {
        return isEthernet;
    }

    /** Where the IP header starts in the memory; of no meaning without one. */
    int ipAt() {
        return ipAt;
    }

    /** Bytes in front of the IP header. */
    int linkHeaderBytes() {
        return isEthernet ? EthernetHeader.LENGTH : 0;
    }

    /** The whole packet, or frame. */
    int lengthBytes() {
        return lengthBytes;
    }

    /** TTL or hop limit; 64 for what has none. */
    int ttl() {
        return ttl;
    }

    /** TOS or traffic class; 0 for what has none. */
    int tos() {
        return tos;
    }

    /** Whether it is IPv4 and must not be fragmented. */
    boolean dontFragment() {
        return ipVersion == IpVersion.IPV4 && ipv4.dontFragment();
    }

    Ipv4Header ipv4() {
        return ipv4;
    }

    Ipv6Header ipv6() {
        return ipv6;
    }

    /** The flow label of an inner IPv6 packet; 0 for others. */
    int flowLabel() {
        return isIpv6() ? ipv6.flowLabel() : 0;
    }

    /**
     * A label for the packet's flow (RFC 6437 §3), 1 to 0xfffff: the same for all packets between
     * two addresses and, where TCP or UDP has them, ports.
     */
    int flowHash(ByteBuffer memory) {
        long flow;
        if (isIpv4()) {
            int restBytes = ipv4.totalLengthBytes() - ipv4.headerLengthBytes();
            boolean hasPorts = !ipv4.isFragment() && hasPorts(ipv4.protocol(), restBytes);
            flow =
                    ((long) ipv4.source() << 32 | ipv4.destination() & 0xffff_ffffL)
                            ^ (hasPorts ? memory.getInt(ipv4.payloadAt()) * GOLDEN : 0);
        } else if (isIpv6()) {
            flow =
                    (ipv6.sourceHigh() ^ Long.rotateLeft(ipv6.destinationHigh(), 16)) * GOLDEN
                            ^ ipv6.sourceLow()
                            ^ Long.rotateLeft(ipv6.destinationLow(), 32)
                            ^ (hasPorts(ipv6.nextHeader(), ipv6.payloadLengthBytes())
                                    ? memory.getInt(ipv6.payloadAt()) * GOLDEN
                                    : 0);
        } else {
            int at = ipAt - EthernetHeader.LENGTH;
            flow = memory.getLong(at) ^ Long.rotateLeft(memory.getInt(at + Long.BYTES), 17);
        }
        int label = (int) ((flow ^ flow >>> 32) * GOLDEN >>> Long.SIZE - LABEL_BITS);
        return label == 0 ? 1 : label;
    }

    private static boolean hasPorts(int protocol, int restBytes) {
        return (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP)
                && restBytes >= Integer.BYTES;
    }
}
