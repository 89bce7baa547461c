package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingOptionsTest {
    private static final int BLOCK_BYTES = 1 << 16;

    @ParameterizedTest
    @ValueSource(ints = {0, 576, 1_500, 1_968})
    void usualLinksHaveTheUsualRing(int linkMtu) {
        assertThat(RingOptions.forLinks(linkMtu)).isEqualTo(RingOptions.DEFAULTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_969, 4_000, 8_999, 9_000, 9_216})
    void aFrameHoldsTheLargestPacketOfALargerLink(int linkMtu) {
        RingOptions options = RingOptions.forLinks(linkMtu);
        int packetBytes = options.frameBytes() - RingOptions.FRAME_HEADER_BYTES;
        assertThat(packetBytes).isBetween(linkMtu, linkMtu + 63);
        assertThat(options.frameBytes() % 16).isZero();
        assertThat(options.ringBytes() % BLOCK_BYTES).isZero();
        assertThat(options.recordsLink()).isFalse();
        assertThat(options.recordingLink().recordsLink()).isTrue();
    }

    @Test
    void memoryIsBoundedWhateverALinkSays() {
        RingOptions options = RingOptions.forLinks(65_535);
        assertThat(options).isEqualTo(RingOptions.forLinks(9_216));
        assertThat(options.ringBytes()).isEqualTo(16 << 20);
    }
}
