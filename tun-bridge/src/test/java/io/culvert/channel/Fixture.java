package io.culvert.channel;

import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.OuterError;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A lane with a TUN channel and an underlay channel over fake devices, and their far ends. */
final class Fixture implements AutoCloseable {
    static final int BATCHES = 2;
    static final int SLOTS = 8;
    static final int TUNNEL = 3;
    private static final int SLOT_BYTES = 256;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final IoEventLoopGroup group = LaneGroup.open("lane-under-test", 0);
    final IoEventLoop loop = group.next();
    final BatchPool tunPool;
    final BatchPool rawPool;
    final FakeDevice tunDevice;
    final FakeDevice rawDevice;
    final Peer tunPeer;
    final Peer rawPeer;
    final TunChannel tun;
    final RawIpChannel raw;
    final Queue<OuterError> errors = new ConcurrentLinkedQueue<>();
    final AtomicInteger errorPolls = new AtomicInteger();

    private Fixture(BatchPool tunPool, BatchPool rawPool) {
        this.tunPool = tunPool;
        this.rawPool = rawPool;
        int[] tunPair = FakeDevice.pair();
        int[] rawPair = FakeDevice.pair();
        tunDevice = new FakeDevice(tunPair[0]);
        tunPeer = new Peer(tunPair[1]);
        rawDevice = new FakeDevice(rawPair[0]);
        rawPeer = new Peer(rawPair[1]);
        tun = new TunChannel(tunDevice, TUNNEL, tunPool);
        raw = new RawIpChannel(rawDevice, rawPool, this::drainErrors);
    }

    static Fixture open() {
        return new Fixture(pool(), pool());
    }

    static Fixture withOnePool() {
        BatchPool shared = pool();
        return new Fixture(shared, shared);
    }

    private static BatchPool pool() {
        return new BatchPool(BATCHES, SLOTS, SLOT_BYTES, NativeMemory::addressOf);
    }

    private int drainErrors(int limit, Consumer<OuterError> sink) {
        errorPolls.incrementAndGet();
        int taken = 0;
        while (taken < limit && !errors.isEmpty()) {
            sink.accept(errors.poll());
            taken++;
        }
        return taken;
    }

    /** Opens both channels, each writing to the other what it reads. */
    void forward(Books books) {
        tun.pipeline().addLast(new Forwarder(raw, books));
        raw.pipeline().addLast(new Forwarder(tun, books));
        register(raw, tun);
    }

    void register(FdChannel... channels) {
        for (FdChannel channel : channels) {
            channel.registerWith(loop).syncUninterruptibly();
        }
    }

    /** A batch with one packet towards a peer, which will read the number; lane thread. */
    static PacketBatch numbered(BatchPool pool, long number) {
        PacketBatch batch = pool.acquire();
        batch.memory()
                .order(ByteOrder.nativeOrder())
                .putLong(batch.nextPacketAt(), number)
                .order(ByteOrder.BIG_ENDIAN);
        batch.tunnel(batch.append(Peer.PACKET_BYTES), TUNNEL);
        return batch;
    }

    /** Leaves the TUN device with an error to be read. */
    void breakOffTun() {
        breakOff(tun, tunPeer, rawPool);
    }

    /** Leaves the underlay with an error to be read. */
    void breakOffRaw() {
        breakOff(raw, rawPeer, tunPool);
    }

    private void breakOff(FdChannel channel, Peer peer, BatchPool pool) {
        // The kernel makes an error of it when a packet is lost thereby.
        onLane(() -> channel.writeAndFlush(numbered(pool, 0))).syncUninterruptibly();
        peer.breakOff();
    }

    /** Does it on the lane's own thread. */
    void doOnLane(Runnable action) {
        loop.submit(action).syncUninterruptibly();
    }

    /** Asks on the lane's own thread. */
    <T> T onLane(Callable<T> question) {
        return loop.submit(question).syncUninterruptibly().getNow();
    }

    /** Waits for what the lane will see to. */
    void until(BooleanSupplier claim) {
        long start = System.nanoTime();
        while (!onLane(claim::getAsBoolean)) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new AssertionError("it did not come true in time");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(1, 5_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
        tunPeer.close();
        rawPeer.close();
    }
}
