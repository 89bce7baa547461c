package io.culvert.peers;

import java.io.EOFException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV6CommonPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpPacket;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.TcpPacket;

/** Captured tunnel packets, read by pcap4j, which shares no code with the program under test. */
public final class OuterPackets {

    /** Reads the outer IPv4 packets of an Ethernet capture that pass a filter. */
    public static List<IpV4Packet> read(Path capture, String filter) {
        List<IpV4Packet> packets = new ArrayList<>();
        try (PcapHandle handle = Pcaps.openOffline(capture.toString())) {
            handle.setFilter(filter, BpfCompileMode.OPTIMIZE);
            while (true) {
                packets.add(handle.getNextPacketEx().get(IpV4Packet.class));
            }
        } catch (EOFException e) {
            return packets;
        } catch (PcapNativeException | NotOpenException | TimeoutException e) {
            throw new IllegalStateException("cannot read " + capture, e);
        }
    }

    /**
     * Decodes what an outer packet carries. pcap4j knows no GRE: its header is stepped over here.
     */
    static IpPacket inner(IpV4Packet outer) throws IllegalRawDataException {
        byte[] payload = outer.getPayload().getRawData();
        int start = outer.getHeader().getProtocol().value() == 47 ? greLength(payload[0]) : 0;
        int length = payload.length - start;
        return payload[start] >>> 4 == 4
                ? IpV4Packet.newPacket(payload, start, length)
                : IpV6Packet.newPacket(payload, start, length);
    }

    /**
     * Verifies every checksum of a packet that pcap4j understands; a fragment's payload has none.
     */
    static boolean hasValidChecksums(IpPacket packet) {
        InetAddress source = packet.getHeader().getSrcAddr();
        InetAddress destination = packet.getHeader().getDstAddr();
        if (packet instanceof IpV4Packet ipv4 && !ipv4.getHeader().hasValidChecksum(false)) {
            return false;
        }
        if (packet.contains(TcpPacket.class)) {
            return packet.get(TcpPacket.class).hasValidChecksum(source, destination, false);
        }
        if (packet.contains(IcmpV4CommonPacket.class)) {
            return packet.get(IcmpV4CommonPacket.class).hasValidChecksum(false);
        }
        if (packet.contains(IcmpV6CommonPacket.class)) {
            return packet.get(IcmpV6CommonPacket.class)
                    .hasValidChecksum((Inet6Address) source, (Inet6Address) destination, false);
        }
        return true;
    }

    /** Four bytes, and four more for each of checksum, key and sequence number (RFC 2890 §2). */
    private static int greLength(byte flags) {
        return 4 + 4 * Integer.bitCount(flags & 0b1011_0000);
    }

    private OuterPackets() {}
}
