package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.packet.PacketBatch;
import io.culvert.testing.Hex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Super-packets inside Ethernet frames: what is joined was alike from the first byte on. */
class FrameOffloadTest {
    private static final int PAYLOAD_BYTES = AlikeSegments.PAYLOAD_BYTES;
    private static final String ADDRESSES = "02000000000a 02000000000b ";
    private static final DeviceOffload FRAMES = new DeviceOffload(true, true, true);

    @ParameterizedTest
    @ValueSource(strings = {"0800", "8100 0007 0800", "88a8 0008 8100 0009 0800"})
    void aRunOfFramesBecomesOneAndIsCutIntoTheSameFramesAgain(String type) {
        byte[] link = Hex.bytes(ADDRESSES + type);
        List<byte[]> frames =
                IntStream.range(0, 3).mapToObj(i -> frame(link, AlikeSegments.segment(i))).toList();
        List<Delivered> delivered = merge(frames);
        assertThat(delivered).hasSize(1);
        assertThat(delivered.get(0).segmentBytes()).isEqualTo(PAYLOAD_BYTES);
        byte[] whole = delivered.get(0).bytes();
        assertThat(whole).hasSize(link.length + 40 + 3 * PAYLOAD_BYTES).startsWith(link);
        assertThat(ByteBuffer.wrap(whole).getShort(link.length + 2))
                .isEqualTo((short) (40 + 3 * PAYLOAD_BYTES));

        assertThat(split(whole)).usingElementComparator(Arrays::compare).isEqualTo(frames);
    }

    @Test
    void framesWithOtherAddressesOrTagsAreNotJoined() {
        byte[] first = Hex.bytes(ADDRESSES + "8100 0007 0800");
        for (String other :
                List.of(
                        ADDRESSES + "8100 0008 0800",
                        ADDRESSES + "0800",
                        "02000000000a 02000000000c 8100 0007 0800",
                        "02000000000d 02000000000b 8100 0007 0800")) {
            List<byte[]> frames =
                    List.of(
                            frame(first, AlikeSegments.segment(0)),
                            frame(Hex.bytes(other), AlikeSegments.segment(1)));
            assertAlone(frames);
        }
    }

    @Test
    void whatIsPaddedIsNoIpOrIsCutShortPassesAsItIs() {
        byte[] link = Hex.bytes(ADDRESSES + "0800");
        byte[] padded =
                Arrays.copyOf(frame(link, AlikeSegments.segment(1)), 14 + 40 + PAYLOAD_BYTES + 2);
        assertAlone(List.of(frame(link, AlikeSegments.segment(0)), padded));
        // the first nibble of an address says nothing about what is inside
        byte[] arp = Hex.bytes("45000000000a 45000000000b 0806 0001 0800 0604 0001");
        assertAlone(List.of(arp, arp));
        assertAlone(List.of(Hex.bytes(ADDRESSES + "0800"), Hex.bytes(ADDRESSES + "8100")));
        assertAlone(List.of(Hex.bytes("02000000")));
    }

    private static void assertAlone(List<byte[]> frames) {
        List<Delivered> delivered = merge(frames);
        assertThat(delivered).extracting(Delivered::segmentBytes).containsOnly(0);
        assertThat(delivered.stream().map(Delivered::bytes))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(frames);
    }

    private static List<Delivered> merge(List<byte[]> frames) {
        PacketBatch batch = Offloads.batchOf(frames);
        new Coalescer(new HostMerges(() -> false)).coalesce(batch, Offloads.TUNNEL, 1462, FRAMES);
        return Offloads.delivered(batch);
    }

    private static List<byte[]> split(byte[] frame) {
        PacketBatch source = Offloads.superPacket(frame, PAYLOAD_BYTES);
        Segmenter segmenter = new Segmenter(true);
        List<byte[]> frames = new ArrayList<>();
        assertThat(segmenter.start(source, 0, 65_535)).isTrue();
        while (segmenter.hasNext()) {
            PacketBatch target = PacketBatch.standalone(1, Segmenter.MAX_HEADER_BYTES);
            target.tailSource(source);
            frames.add(Offloads.whole(target, segmenter.copyHeaderNext(target)));
        }
        return frames;
    }

    private static byte[] frame(byte[] link, byte[] packet) {
        ByteBuffer frame = ByteBuffer.allocate(link.length + packet.length);
        Stream.of(link, packet).forEach(frame::put);
        return frame.array();
    }
}
