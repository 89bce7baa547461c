package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GreTemplateTest {
    private static final int AT = 9;
    private static final String DIRT = "a5a5a5a5";

    @Test
    void everySetOfFieldsIsLaidDownWithItsOwnNumberAndSum() {
        SplittableRandom random = new SplittableRandom(2890);
        for (int round = 0; round < 2_000; round++) {
            for (int flags = 0; flags < 8; flags++) {
                boolean hasKey = (flags & 2) != 0;
                int protocolType = random.nextInt(0x10000);
                GreFields fields =
                        new GreFields(
                                (flags & 1) != 0,
                                hasKey,
                                hasKey ? random.nextInt() : 0,
                                (flags & 4) != 0,
                                protocolType);
                assertWritten(fields, random.nextInt(), random);
            }
        }
    }

    private static void assertWritten(
            GreFields fields, int sequenceNumber, SplittableRandom random) {
        byte[] payload = new byte[random.nextInt(70)];
        random.nextBytes(payload);
        ByteBuffer memory = Memory.dirty(128);
        int payloadAt = AT + fields.lengthBytes();
        memory.put(payloadAt, payload);
        new GreTemplate(fields)
                .write(
                        memory,
                        AT,
                        sequenceNumber,
                        InternetChecksum.sum(memory, payloadAt, payload.length));

        ByteBuffer expected = Memory.dirty(128);
        fields.write(expected, AT);
        expected.put(payloadAt, payload);
        GreHeader gre = new GreHeader().wrap(expected, AT);
        if (fields.hasSequence()) {
            gre.sequenceNumber(sequenceNumber);
        }
        if (fields.hasChecksum()) {
            gre.writeChecksum(fields.lengthBytes() + payload.length);
        }
        assertThat(memory).as("%s, sequence %d", fields, sequenceNumber).isEqualTo(expected);
        assertThat(Hex.text(memory, AT - 4, 4)).isEqualTo(DIRT);
    }
}
