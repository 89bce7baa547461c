package io.culvert.doctor.peer;

import io.culvert.device.OuterProtocol;
import io.culvert.device.RawIpOptions;
import io.culvert.device.RawIpSocket;
import io.culvert.device.SentinelSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.IcmpErrors;
import io.culvert.tunnel.IdentificationSequence;
import io.culvert.tunnel.InnerIcmp;
import io.culvert.tunnel.PathMtu;
import io.culvert.wire.IpVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Encapsulates packets as the tunnel would, where it does not run.
 *
 * <p>While it is open, this host does not answer the peer's packets with ICMP protocol unreachable,
 * as it otherwise does without a tunnel.
 */
final class OuterInjector implements Injector {
    private static final int MOST_OUTER_BYTES = 10_000;

    private final List<SentinelSocket> sentinels = new ArrayList<>();
    private final RawIpSocket[] sockets = new RawIpSocket[7];
    private final Encapsulator encapsulator;
    private final PacketBatch batch;

    OuterInjector(TunnelSpec spec, List<Integer> protocols, int linkIndex) {
        this.batch = new BatchPool(1, 1, MOST_OUTER_BYTES, NativeMemory::addressOf).acquire();
        PathMtu pathMtu = new PathMtu(MOST_OUTER_BYTES);
        InnerIcmp nobody = new InnerIcmp(() -> null, spec.payload());
        this.encapsulator =
                new Encapsulator(
                        spec,
                        pathMtu,
                        new IcmpErrors(spec, pathMtu, nobody),
                        nobody,
                        () -> null,
                        IdentificationSequence.after(ThreadLocalRandom.current().nextInt(1 << 16)));
        try {
            for (int protocol : protocols) {
                sentinels.add(SentinelSocket.open(OuterProtocol.overIpv4(protocol)));
            }
            RawIpOptions options = new RawIpOptions(1 << 16, 1 << 20, false, 1);
            for (int version : new int[] {4, 6}) {
                if (spec.payload().carries(version)) {
                    OuterProtocol protocol =
                            new OuterProtocol(
                                    spec.outer().ipVersion(), spec.header().outerProtocol(version));
                    sockets[version] = RawIpSocket.open(protocol, options);
                    sockets[version].boundLink(0, linkIndex);
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public String send(ByteBuffer inner) {
        RawIpSocket socket = sockets[IpVersion.of(inner, 0)];
        if (socket == null) {
            return "this tunnel does not carry IPv" + IpVersion.of(inner, 0);
        }
        batch.clear();
        batch.memory().put(batch.nextPacketAt(), inner, 0, inner.limit());
        batch.append(inner.limit());
        batch.tunnel(0, 0);
        encapsulator.encapsulate(batch, System.nanoTime());
        if (batch.isLive(0)) {
            socket.writeBatch(batch, 0);
        }
        return batch.isLive(0) ? "" : batch.dropReason(0).description();
    }

    @Override
    public void close() {
        for (RawIpSocket socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
        sentinels.forEach(SentinelSocket::close);
    }
}
