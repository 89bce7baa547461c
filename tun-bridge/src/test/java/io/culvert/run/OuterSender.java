package io.culvert.run;

import io.culvert.device.OuterProtocol;
import io.culvert.device.RawIpOptions;
import io.culvert.device.RawIpSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NetworkNamespace;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Sends outer packets of a test's own making from a namespace. The kernel fills total length and
 * header checksum, so whatever a test writes behind the outer header arrives.
 *
 * <p>One thread.
 */
final class OuterSender implements AutoCloseable {
    private static final int EXPERIMENTAL = 253; // RFC 3692: nothing is received
    private static final int SLOTS = 64;
    private static final int HEADER_BYTES = 20;

    private final RawIpSocket socket;
    private final PacketBatch batch;

    private OuterSender(RawIpSocket socket) {
        this.socket = socket;
        this.batch = new BatchPool(1, SLOTS, 2048, NativeMemory::addressOf).acquire();
    }

    /** Opens a socket in the namespace. */
    static OuterSender in(NetworkNamespace host) {
        try {
            return new OuterSender(
                    NamespaceThread.call(
                            host,
                            () ->
                                    RawIpSocket.open(
                                            OuterProtocol.overIpv4(EXPERIMENTAL),
                                            RawIpOptions.DEFAULTS)));
        } catch (Exception e) {
            throw new IllegalStateException("cannot open a socket in " + host, e);
        }
    }

    /** Sends one packet whose payload is given as hex digits; blanks do not matter. */
    void send(int protocol, String source, String destination, String payloadHex) {
        byte[] payload = HexFormat.of().parseHex(payloadHex.replace(" ", ""));
        ByteBuffer packet = ByteBuffer.allocate(HEADER_BYTES + payload.length);
        packet.putInt(0x4500_0000).putInt(0x0001_4000).put((byte) 64).put((byte) protocol);
        packet.putShort((short) 0).put(address(source)).put(address(destination)).put(payload);
        add(packet.array());
        flush();
    }

    /** Adds an IPv4 packet; what has gathered is sent when there is no room for more. */
    void add(byte[] packet) {
        if (batch.isFull()) {
            flush();
        }
        batch.memory().put(batch.nextPacketAt(), packet);
        batch.append(packet.length);
    }

    /** Sends what has gathered; throws when the kernel refuses a packet. */
    void flush() {
        for (int slot = 0; slot < batch.size(); ) {
            slot = socket.writeBatch(batch, slot);
        }
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                throw new IllegalStateException("not sent: " + batch.dropReason(slot));
            }
        }
        batch.clear();
    }

    /** Sends packets while a process is stopped, more than it has room for when it goes on. */
    void flood(CulvertProcess stopped, WireMutator mutator, int packets) {
        stopped.signal("STOP");
        try {
            for (int i = 0; i < packets; i++) {
                add(mutator.next());
            }
            flush();
        } finally {
            stopped.signal("CONT");
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private static byte[] address(String text) {
        byte[] address = new byte[4];
        String[] parts = text.split("\\.");
        for (int i = 0; i < 4; i++) {
            address[i] = (byte) Integer.parseInt(parts[i]);
        }
        return address;
    }
}
