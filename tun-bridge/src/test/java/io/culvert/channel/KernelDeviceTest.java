package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.device.OuterProtocol;
import io.culvert.device.RawIpOptions;
import io.culvert.device.RawIpSocket;
import io.culvert.device.TunDevice;
import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.tunnel.OuterError;
import io.culvert.wire.IpProtocol;
import io.netty.channel.IoEventLoopGroup;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The channels over what the kernel gives: how it reports readiness, errors and the end. */
@NeedsRoot
@Timeout(60)
class KernelDeviceTest {
    private static final int TUNNEL = 1;
    private static final int OUTER_BYTES = 1_000;

    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    private final BatchPool pool = new BatchPool(2, 8, 2_048, NativeMemory::addressOf);
    private final IoEventLoopGroup lane = LaneGroup.open("lane-under-test", 0);
    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("chan");
    }

    @AfterEach
    void close() {
        lane.shutdownGracefully(1, 5_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
        host.close();
    }

    private TunChannel openTun() throws Exception {
        TunDevice device = NamespaceThread.call(host, () -> TunDevice.open("tun0", TUNNEL));
        TunChannel channel = new TunChannel(device, TUNNEL, pool);
        channel.pipeline().addLast(new Recorder(seen));
        channel.registerWith(lane.next()).syncUninterruptibly();
        return channel;
    }

    @Test
    void aTunDeviceThatIsDeletedIsReportedAndItsChannelCloses() throws Exception {
        TunChannel channel = openTun();
        host.run("ip link set tun0 up");
        host.run("ip link set tun0 down");
        host.run("ip link set tun0 up");
        assertThat(channel.isActive()).isTrue();
        host.run("ip link del tun0");
        channel.closeFuture().syncUninterruptibly();
        assertThat(seen.take())
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADFD));
        assertThat(seen.take()).isEqualTo("inactive");
        assertThat(seen).isEmpty();
        assertThat(pool.idleCount()).isEqualTo(2);
    }

    @Test
    void aTunChannelThatIsClosedDeletesItsDevice() throws Exception {
        TunChannel channel = openTun();
        channel.close().syncUninterruptibly();
        assertThat(host.run("ip -o link").stdout()).contains("lo").doesNotContain("tun0");
    }

    @Test
    void whatTheHostSaysOfASentPacketTravelsUpThePipeline() throws Exception {
        host.run("ip link set lo mtu 600");
        RawIpSocket socket =
                NamespaceThread.call(
                        host,
                        () ->
                                RawIpSocket.open(
                                        OuterProtocol.overIpv4(IpProtocol.GRE),
                                        RawIpOptions.DEFAULTS));
        RawIpChannel channel = new RawIpChannel(socket, pool, socket.errorQueue()::drain);
        channel.pipeline().addLast(new Recorder(seen));
        channel.registerWith(lane.next()).syncUninterruptibly();
        Books books = new Books();
        lane.submit(
                        () -> {
                            PacketBatch batch = pool.acquire();
                            batch.ledger(books);
                            putOuterPacket(batch);
                            channel.writeAndFlush(batch, channel.voidPromise());
                        })
                .syncUninterruptibly();
        assertThat(seen.take())
                .isInstanceOfSatisfying(
                        OuterError.class,
                        error -> {
                            assertThat(error.isLocal()).isTrue();
                            assertThat(error.errno()).isEqualTo(Errno.EMSGSIZE);
                            assertThat(error.infoMtu()).isEqualTo(600);
                        });
        assertThat(books.dropped()).isEqualTo(Map.of(DropReason.UNDERLAY_TOO_BIG, 1L));
        assertThat(books.passed()).isZero();
        // The socket tries a refused packet again, for the error might have been an older one.
        assertThat(seen).allSatisfy(event -> assertThat(event).isInstanceOf(OuterError.class));
        assertThat(channel.isActive()).isTrue();
    }

    private static void putOuterPacket(PacketBatch batch) {
        ByteBuffer memory = batch.memory();
        int at = batch.nextPacketAt();
        memory.putInt(at, 0x4500_0000 | OUTER_BYTES)
                .putInt(at + 4, 0x4000) // DF
                .putInt(at + 8, 64 << 24 | IpProtocol.GRE << 16)
                .putInt(at + 12, 0x7f00_0001)
                .putInt(at + 16, 0x7f00_0002);
        batch.append(OUTER_BYTES);
    }
}
