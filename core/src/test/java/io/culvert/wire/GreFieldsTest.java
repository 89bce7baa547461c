package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class GreFieldsTest {
    private static final int AT = 9;

    @Test
    void everySetOfFieldsWritesItsWordsInTheOrderOfRfc2890() {
        assertWritten(GreFields.plain(0x0800), "0000 0800");
        assertWritten(new GreFields(true, false, 0, false, 0x0800), "8000 0800  0000 0000");
        assertWritten(new GreFields(false, true, 0x01020304, false, 0x86dd), "2000 86dd  01020304");
        assertWritten(new GreFields(false, false, 0, true, 0x0800), "1000 0800  00000000");
        assertWritten(
                new GreFields(true, true, 7, false, 0x0800), "a000 0800  0000 0000  00000007");
        assertWritten(
                new GreFields(true, false, 0, true, 0x0800), "9000 0800  0000 0000  00000000");
        assertWritten(new GreFields(false, true, 7, true, 0x0800), "3000 0800  00000007  00000000");
        assertWritten(
                new GreFields(true, true, -1, true, 0xffff),
                "b000 ffff  0000 0000  ffffffff  00000000");
    }

    @Test
    void aKeyOfZeroIsAKey() {
        assertWritten(new GreFields(false, true, 0, false, 0x0800), "2000 0800  00000000");
    }

    @Test
    void whatNoHeaderCanSayIsRefused() {
        assertThatThrownBy(() -> new GreFields(false, false, 7, false, 0x0800))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without a key");
        assertThatThrownBy(() -> GreFields.plain(0x10000)).hasMessageContaining("65536");
        assertThatThrownBy(() -> GreFields.plain(-1)).hasMessageContaining("-1");
    }

    private static void assertWritten(GreFields fields, String expected) {
        ByteBuffer memory = Memory.dirty(AT + 24);
        int payloadAt = fields.write(memory, AT);
        int length = fields.lengthBytes();
        assertThat(payloadAt).isEqualTo(AT + length);
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT, length)).isEqualTo(expected.replace(" ", ""));
        assertThat(Hex.text(memory, payloadAt, 8)).isEqualTo("a5".repeat(8));
        assertThat(new GreHeader().wrap(memory, AT).lengthBytes()).isEqualTo(length);
    }
}
