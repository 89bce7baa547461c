package io.culvert.device;

import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/**
 * A cable between two TUN devices, in a thread of its own: what one hands over is written to the
 * other, after somebody had a hand in it.
 */
final class TunPump implements AutoCloseable {
    private static final int SLOTS = 64;

    private final AtomicBoolean open = new AtomicBoolean(true);
    private final Thread thread;
    private final List<String> problems = new ArrayList<>();
    private int superPackets;
    private int longestBytes;

    TunPump(TunDevice left, TunDevice right, UnaryOperator<PacketBatch> hand) {
        BatchPool pool =
                new BatchPool(1, SLOTS, PacketSlab.MAX_PACKET_BYTES, NativeMemory::addressOf);
        thread =
                new Thread(
                        () -> {
                            while (open.get()) {
                                int moved = move(pool, left, right, hand);
                                moved += move(pool, right, left, hand);
                                if (moved == 0) {
                                    Thread.onSpinWait();
                                }
                            }
                        },
                        "pump");
        thread.setDaemon(true);
        thread.start();
    }

    private int move(
            BatchPool pool, TunDevice from, TunDevice to, UnaryOperator<PacketBatch> hand) {
        PacketBatch batch = pool.acquire();
        try {
            int read = from.readBatch(batch);
            if (read == 0) {
                return 0;
            }
            for (int slot = 0; slot < batch.size(); slot++) {
                note(batch, slot);
            }
            PacketBatch handed = hand.apply(batch);
            to.writeBatch(handed, 0);
            for (int slot = 0; slot < handed.size(); slot++) {
                if (handed.dropReason(slot) != null) {
                    problems.add("not written: " + handed.dropReason(slot));
                }
            }
            return read;
        } catch (RuntimeException e) {
            problems.add(e.toString());
            open.set(false);
            return 0;
        } finally {
            batch.release();
        }
    }

    private void note(PacketBatch batch, int slot) {
        longestBytes = Math.max(longestBytes, batch.lengthBytes(slot));
        if (batch.segmentBytes(slot) > 0) {
            superPackets++;
        }
        if (batch.dropReason(slot) != null) {
            problems.add("not read: " + batch.dropReason(slot));
        }
    }

    /** What went wrong; known once the pump is closed, as are the numbers below. */
    List<String> problems() {
        return problems;
    }

    int superPackets() {
        return superPackets;
    }

    int longestBytes() {
        return longestBytes;
    }

    @Override
    public void close() {
        open.set(false);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
