package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How a datagram falls into messages and a message into attributes; by hand from linux/netlink.h.
 */
class NetlinkMessageTest {
    private static final String FIRST = "15000000 1000 0200 07000000 11000000 0102030405 000000";
    private static final String SECOND = "10000000 0300 0200 08000000 11000000";

    @Test
    void severalMessagesOfADatagramAreSplitAtTheirPaddedLength() {
        List<NetlinkMessage> messages = NetlinkMessage.split(Captured.datagram(FIRST, SECOND));

        assertThat(messages).hasSize(2);
        assertThat(messages.get(0).type()).isEqualTo(16);
        assertThat(messages.get(0).flags()).isEqualTo(2);
        assertThat(messages.get(0).sequence()).isEqualTo(7);
        assertThat(messages.get(0).payload().remaining()).isEqualTo(5);
        assertThat(messages.get(0).u8(4)).isEqualTo(5);
        assertThat(messages.get(0).u32(0)).isEqualTo(0x0403_0201);
        assertThat(messages.get(0).holds(5)).isTrue();
        assertThat(messages.get(0).holds(6)).isFalse();
        assertThat(messages.get(1).type()).isEqualTo(Rtnetlink.NLMSG_DONE);
        assertThat(messages.get(1).payload().hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "10000000 0300 0200 08000000 110000", // a header cut short
                "0f000000 0300 0200 08000000 11000000", // shorter than its header
                "11000000 0300 0200 08000000 11000000", // longer than the datagram
                "ffffffff 0300 0200 08000000 11000000", // length below zero
            })
    void whatIsNoWholeMessageIsLeftOut(String tail) {
        assertThat(NetlinkMessage.split(Captured.datagram(FIRST, tail)))
                .extracting(NetlinkMessage::sequence)
                .containsExactly(7);
    }

    @Test
    void theLastMessageNeedsNoPadding() {
        assertThat(NetlinkMessage.split(Captured.datagram(FIRST.substring(0, FIRST.length() - 7))))
                .hasSize(1);
    }

    @Test
    void attributesAreFoundByTypeWithoutTheirFlagBits() {
        NetlinkAttributes attributes =
                NetlinkAttributes.read(
                        Captured.datagram(
                                "ffffffff", // a fixed struct
                                "0800 0400 dc050000",
                                "0900 0300 74756e30 00 000000",
                                "1000 1280 0800 0100 67726500 0400 0200", // NLA_F_NESTED
                                "0800 0500 c0000209",
                                "0600 0700 0102 0000"),
                        4);

        assertThat(attributes.u32(4, 0)).isEqualTo(1500);
        assertThat(attributes.text(3)).isEqualTo("tun0");
        assertThat(attributes.nested(18).text(1)).isEqualTo("gre");
        assertThat(attributes.nested(18).has(2)).isTrue();
        assertThat(attributes.address(5)).isEqualTo(Captured.ip("192.0.2.9"));
        assertThat(attributes.address(7)).as("a value of no address's length").isNull();
        assertThat(attributes.has(6)).isFalse();
        assertThat(attributes.u32(6, 42)).isEqualTo(42);
        assertThat(attributes.u32(7, 42)).as("a value too short for a number").isEqualTo(42);
        assertThat(attributes.text(6)).isEmpty();
        assertThat(attributes.address(6)).isNull();
        assertThat(attributes.nested(6).has(1)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0800", "0300 0500", "0900 0500 00000000", "0000 0000 0000 0000"})
    void whatIsNoWholeAttributeIsLeftOut(String tail) {
        NetlinkAttributes attributes =
                NetlinkAttributes.read(Captured.datagram("0800 0400 dc050000", tail), 0);

        assertThat(attributes.u32(4, 0)).isEqualTo(1500);
        assertThat(attributes.has(5)).isFalse();
        assertThat(attributes.has(0)).isFalse();
    }

    @Test
    void aFamilyBeforeAnAddressIsSkipped() {
        NetlinkAttributes via =
                NetlinkAttributes.read(
                        Captured.datagram(
                                "1600 1200 0a00 20010db8000000000000000000000009 0000",
                                "0500 1300 00 000000"),
                        0);

        assertThat(via.addressBehindFamily(18)).isEqualTo(Captured.ip("2001:db8::9"));
        assertThat(via.addressBehindFamily(19)).as("no room for a family").isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyBytesAreReadWithoutAnException(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            for (int at = 0; at + 4 <= bytes.length; at += 4 + random.nextInt(28)) {
                bytes[at] = (byte) random.nextInt(40); // lengths that are believed now and then
                bytes[at + 1] = 0;
                bytes[at + 2] = 0;
                bytes[at + 3] = 0;
            }
            ByteBuffer datagram = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int payloadBytes = 0;
            for (NetlinkMessage message : NetlinkMessage.split(datagram)) {
                payloadBytes += message.payload().remaining();
                assertThat(message.attributesFrom(0).nested(1).has(99)).isFalse();
            }
            assertThat(payloadBytes).as("seed %d, round %d", seed, i).isLessThan(120);
        }
    }
}
