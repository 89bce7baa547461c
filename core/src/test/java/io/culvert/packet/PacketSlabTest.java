package io.culvert.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.packet.PacketSlab.MemorySource;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketSlabTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 60, 64, 100, 1500, 2048, 9000, 65_535})
    void eachSlotHasItsHeadroomAndRoomForItsPacketOnAnOddNumberOfCacheLines(int slotBytes) {
        PacketSlab slab = PacketSlab.allocate(3, slotBytes, MemorySource.WITHOUT_ADDRESS);
        assertThat(slab.strideBytes() % 64).isZero();
        assertThat(slab.strideBytes() / 64 % 2).isEqualTo(1);
        assertThat(slab.packetAt(0)).isEqualTo(PacketSlab.HEADROOM_BYTES);
        for (int slot = 0; slot < 3; slot++) {
            int end = slab.packetAt(slot) + slotBytes;
            int limit =
                    slot < 2
                            ? slab.packetAt(slot + 1) - PacketSlab.HEADROOM_BYTES
                            : slab.memory().capacity();
            assertThat(end).isBetween(limit - 192, limit);
        }
        assertThat(slab.memory().isDirect()).isTrue();
        assertThat(slab.memory().order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    }

    @ParameterizedTest
    @CsvSource({"0, 100", "-1, 100", "1, 0", "1, 65536"})
    void whatCannotHoldAPacketIsRefused(int slots, int slotBytes) {
        assertThatThrownBy(
                        () -> PacketSlab.allocate(slots, slotBytes, MemorySource.WITHOUT_ADDRESS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(slots + " slots of " + slotBytes + " bytes");
    }

    @Test
    void aSlabKnowsItsAddressOrRefusesSystemCalls() {
        assertThat(PacketSlab.allocate(1, 100, memory -> 4096L).requireAddress()).isEqualTo(4096);
        PacketSlab slab = PacketSlab.allocate(1, 100, MemorySource.WITHOUT_ADDRESS);
        assertThatThrownBy(slab::requireAddress).isInstanceOf(IllegalStateException.class);
    }
}
