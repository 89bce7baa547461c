package io.culvert.packet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchPoolTest {
    private final BatchPool pool = new BatchPool(1, 1, 64, PacketSlab.MemorySource.WITHOUT_ADDRESS);
    private int runs;

    @Test
    void whoWaitsForABatchIsRunOnceWhenItsLastOwnerReleasesIt() {
        PacketBatch batch = pool.acquire();
        pool.whenIdle(() -> runs++);
        pool.whenIdle(() -> runs++);
        batch.retain().release();
        assertThat(runs).as("it still has an owner").isZero();
        batch.release();
        assertThat(runs).isEqualTo(2);
        pool.acquire().release();
        assertThat(runs).isEqualTo(2);
    }

    @Test
    void whoWaitsWhileABatchIsIdleIsRunAtOnce() {
        pool.whenIdle(() -> runs++);
        assertThat(runs).isEqualTo(1);
    }

    @Test
    void whoFindsTheBatchTakenAgainMayWaitAgain() {
        PacketBatch batch = pool.acquire();
        pool.whenIdle(pool::acquire);
        pool.whenIdle(this::waitAgainUnlessIdle);
        batch.release();
        assertThat(runs).isEqualTo(1);
        assertThat(pool.idleCount()).isZero();
        batch.release();
        assertThat(runs).isEqualTo(2);
        assertThat(pool.idleCount()).isEqualTo(1);
    }

    private void waitAgainUnlessIdle() {
        runs++;
        if (pool.idleCount() == 0) {
            pool.whenIdle(this::waitAgainUnlessIdle);
        }
    }
}
