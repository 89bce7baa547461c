package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.IpVersion;
import java.net.Inet4Address;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.UnknownPacket;
import org.pcap4j.packet.namednumber.IpNumber;

/**
 * What does it cost to take packets for objects? IPv4 in IPv4, there and back.
 *
 * <p>The classic way is pcap4j's: bytes become a tree of objects, that is built into another, and
 * that becomes bytes again; and the same backwards.
 */
@Asks("What does it cost to take packets for objects? IPIP, there and back")
@State(Scope.Thread)
public class PacketObjectsBenchmark extends PerPacket {
    // Not IpNumber.IPIP, which is 94: KA9Q's, not that of RFC 2003.
    private static final IpNumber IPV4_IN_IPV4 = IpNumber.getInstance((byte) 4);

    @Param({"64", "1400"})
    public int bytes;

    private final byte[][] bytesOfPackets = new byte[PacketRounds.PACKETS][];
    private final Inet4Address local = (Inet4Address) MeasuredTunnel.spec("ipip").local();
    private final Inet4Address remote = (Inet4Address) MeasuredTunnel.spec("ipip").remote();
    private PacketRounds packets;
    private Encapsulator encapsulator;
    private Decapsulator decapsulator;
    private int first;

    @Setup
    public void fill() {
        packets = new PacketRounds(IpVersion.IPV4, bytes);
        for (int i = 0; i < bytesOfPackets.length; i++) {
            PacketBatch batch = packets.batch(i / BATCH);
            bytesOfPackets[i] = new byte[bytes];
            batch.memory().get(batch.start(i % BATCH), bytesOfPackets[i]);
        }
        encapsulator = MeasuredTunnel.encapsulator(MeasuredTunnel.spec("ipip"));
        TunnelEndpoint peer = new TunnelEndpoint(MeasuredTunnel.peer("ipip"), 0, 0);
        decapsulator = new Decapsulator(new TunnelTable(List.of(peer)));
    }

    @TearDown
    public void check() {
        packets.requireAllLive();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int culvert() {
        PacketBatch batch = packets.next();
        encapsulator.encapsulate(batch, 0);
        decapsulator.decapsulate(batch);
        return batch.lengthBytes(BATCH - 1);
    }

    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public int pcap4j() throws IllegalRawDataException {
        first = first + BATCH & PacketRounds.PACKETS - 1;
        int sum = 0;
        for (int i = first; i < first + BATCH; i++) {
            byte[] outer = encapsulate(bytesOfPackets[i], (short) i);
            sum += decapsulate(outer).length;
        }
        return sum;
    }

    private byte[] encapsulate(byte[] packet, short identification) throws IllegalRawDataException {
        IpV4Packet inner = IpV4Packet.newPacket(packet, 0, packet.length);
        return new IpV4Packet.Builder()
                .version(org.pcap4j.packet.namednumber.IpVersion.IPV4)
                .tos(inner.getHeader().getTos())
                .identification(identification)
                .dontFragmentFlag(true)
                .ttl(inner.getHeader().getTtl())
                .protocol(IPV4_IN_IPV4)
                .srcAddr(local)
                .dstAddr(remote)
                .payloadBuilder(new UnknownPacket.Builder().rawData(inner.getRawData()))
                .correctLengthAtBuild(true)
                .correctChecksumAtBuild(true)
                .build()
                .getRawData();
    }

    private byte[] decapsulate(byte[] packet) throws IllegalRawDataException {
        IpV4Packet outer = IpV4Packet.newPacket(packet, 0, packet.length);
        if (!outer.getHeader().getSrcAddr().equals(local)) {
            throw new IllegalStateException("a packet of the tunnel was refused");
        }
        byte[] payload = outer.getPayload().getRawData();
        return IpV4Packet.newPacket(payload, 0, payload.length).getRawData();
    }
}
