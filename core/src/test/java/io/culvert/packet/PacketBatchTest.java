package io.culvert.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.packet.PacketBatch.Replacement;
import io.culvert.packet.PacketSlab.MemorySource;
import org.junit.jupiter.api.Test;

class PacketBatchTest {
    private final PacketBatch batch = PacketBatch.standalone(3, 100);

    @Test
    void packetsAreAppendedSlotBySlotBehindTheirHeadroom() {
        assertThat(batch.isEmpty()).isTrue();
        assertThat(batch.nextPacketAt()).isEqualTo(PacketSlab.HEADROOM_BYTES);
        assertThat(batch.append(60)).isZero();
        assertThat(batch.append(70)).isEqualTo(1);
        assertThat(batch.start(1)).isEqualTo(batch.slab().packetAt(1));
        assertThat(batch.lengthBytes(1)).isEqualTo(70);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.isFull()).isFalse();
        batch.append(0);
        assertThat(batch.isFull()).isTrue();
        assertThat(batch.capacity()).isEqualTo(3);
    }

    @Test
    void headersAreMadeRoomForAndPassedByMovingTheStart() {
        batch.append(60);
        int at = batch.start(0);
        assertThat(batch.prepend(0, 24)).isEqualTo(at - 24);
        assertThat(batch.lengthBytes(0)).isEqualTo(84);
        assertThat(batch.strip(0, 20)).isEqualTo(at - 4);
        assertThat(batch.lengthBytes(0)).isEqualTo(64);
        batch.trim(0, 50);
        assertThat(batch.lengthBytes(0)).isEqualTo(50);
        assertThat(batch.start(0)).isEqualTo(at - 4);
    }

    @Test
    void aPacketIsLiveUntilItIsDroppedOrReplaced() {
        batch.append(60);
        batch.append(60);
        batch.append(60);
        batch.drop(0, DropReason.TOO_BIG);
        batch.replace(1, Replacement.FRAGMENTS);
        assertThat(batch.isLive(0)).isFalse();
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.TOO_BIG);
        assertThat(batch.replacement(0)).isNull();
        assertThat(batch.isLive(1)).isFalse();
        assertThat(batch.dropReason(1)).isNull();
        assertThat(batch.replacement(1)).isEqualTo(Replacement.FRAGMENTS);
        assertThat(batch.isLive(2)).isTrue();
    }

    @Test
    void aSlotUsedAgainRemembersNothing() {
        batch.append(60);
        batch.tunnel(0, 5);
        batch.link(0, 6);
        batch.drop(0, DropReason.TOO_BIG);
        batch.replace(0, Replacement.FRAGMENTS);
        batch.prepend(0, 24);
        assertThat(batch.tunnel(0)).isEqualTo(5);
        assertThat(batch.link(0)).isEqualTo(6);
        batch.clear();
        batch.append(10);
        assertThat(batch.isLive(0)).isTrue();
        assertThat(batch.tunnel(0)).isEqualTo(PacketBatch.NO_TUNNEL);
        assertThat(batch.link(0)).isZero();
        assertThat(batch.start(0)).isEqualTo(batch.slab().packetAt(0));
    }

    @Test
    void theLastOwnersReleaseSettlesOnceAndOneMoreIsAnError() {
        int[] settled = {0};
        batch.ledger(ended -> settled[0] += ended.size());
        batch.append(60);
        batch.retain();
        batch.release();
        assertThat(settled[0]).isZero();
        batch.release();
        assertThat(settled[0]).isEqualTo(1);
        assertThatThrownBy(batch::release)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the batch was released more often than retained");
        assertThat(settled[0]).isEqualTo(1);
    }

    @Test
    void aBatchFromThePoolIsAsNew() {
        BatchPool pool = new BatchPool(1, 2, 100, MemorySource.WITHOUT_ADDRESS);
        PacketBatch used = pool.acquire();
        int[] settled = {0};
        used.ledger(ended -> settled[0]++);
        used.readNanos(5);
        used.append(60);
        used.release();
        PacketBatch again = pool.acquire();
        assertThat(again).isSameAs(used);
        assertThat(again.isEmpty()).isTrue();
        assertThat(again.readNanos()).isZero();
        again.release();
        assertThat(settled[0]).isEqualTo(1);
        assertThat(pool.idleCount()).isEqualTo(1);
    }

    @Test
    void aPoolWithoutBatchesIsRefused() {
        assertThatThrownBy(() -> new BatchPool(0, 2, 100, MemorySource.WITHOUT_ADDRESS))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTailLiesInAnotherBatchThatLivesAsLongAsItIsNeeded() {
        BatchPool pool = new BatchPool(1, 1, 100, MemorySource.WITHOUT_ADDRESS);
        PacketBatch source = pool.acquire();
        source.append(90);
        source.segmentBytes(0, 30);
        batch.append(40);
        batch.tail(0, source.start(0) + 60, 30);
        batch.tailSource(source);
        source.release();
        assertThat(pool.idleCount()).isZero();
        assertThat(source.segmentBytes(0)).isEqualTo(30);
        assertThat(batch.tailSource()).isSameAs(source);
        assertThat(batch.tailStart(0)).isEqualTo(source.start(0) + 60);
        assertThat(batch.tailBytes(0)).isEqualTo(30);
        assertThat(batch.totalBytes(0)).isEqualTo(70);
        batch.release();
        assertThat(pool.idleCount()).isEqualTo(1);
        assertThat(batch.tailSource()).isNull();
    }

    @Test
    void joinedPacketsEndAsTheirHeadEnds() {
        batch.append(60);
        batch.append(60);
        batch.append(60);
        batch.join(0, 2, 40);
        assertThat(batch.isLive(0)).isTrue();
        assertThat(batch.isLive(2)).isFalse();
        assertThat(batch.nextJoined(0)).isEqualTo(2);
        assertThat(batch.nextJoined(2)).isEqualTo(PacketBatch.NONE);
        assertThat(batch.joinedHeaderBytes(2)).isEqualTo(40);
        batch.drop(0, DropReason.DEVICE_GONE);
        assertThat(batch.dropReason(2)).isEqualTo(DropReason.DEVICE_GONE);
        assertThat(batch.dropReason(1)).isNull();
        assertThat(batch.isLive(1)).isTrue();
    }
}
