package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class IcmpMessageTest {
    private static final int AT = 11;
    private static final byte[] QUOTE = "quoted packet".getBytes(StandardCharsets.US_ASCII);
    private static final String QUOTE_HEX = "71756f746564207061636b6574";
    // scapy 2.5: IPv6(src='2001:db8::2', dst='2001:db8::1')
    private static final byte[] ADDRESSES =
            Hex.bytes("20010db8 00000000 00000000 00000002", "20010db8 00000000 00000000 00000001");

    private final Icmpv4Message icmp = new Icmpv4Message();
    private final Icmpv6Message icmpv6 = new Icmpv6Message();

    @Test
    void ipv4ErrorsAreBuiltAsScapyBuildsThem() {
        // ICMP(type=3, code=4, nexthopmtu=1276)/b'quoted packet' and so on
        assertThat(built(message -> message.fragmentationNeeded(1276)))
                .isEqualTo("03045078000004fc" + QUOTE_HEX);
        assertThat(built(message -> message.destinationUnreachable(1)))
                .isEqualTo("0301557700000000" + QUOTE_HEX);
        assertThat(built(message -> message.timeExceeded(0)))
                .isEqualTo("0b004d7800000000" + QUOTE_HEX);
    }

    @Test
    void anIpv4ErrorReadsAsScapyWroteIt() {
        byte[] message = Hex.bytes("03 04 5078", "0000 04fc", QUOTE_HEX);
        icmp.wrap(Memory.holding(message, AT), AT);
        assertThat(icmp.isValid(message.length)).isTrue();
        assertThat(icmp.type()).isEqualTo(Icmpv4Message.DESTINATION_UNREACHABLE);
        assertThat(icmp.code()).isEqualTo(Icmpv4Message.FRAGMENTATION_NEEDED);
        assertThat(icmp.checksum()).isEqualTo(0x5078);
        assertThat(icmp.nextHopMtu()).isEqualTo(1276);
        assertThat(icmp.quoteAt()).isEqualTo(AT + 8);
        assertThat(icmp.isError()).isTrue();
        assertThat(icmp.hasValidChecksum(message.length)).isTrue();
        assertThat(icmp.hasValidChecksum(message.length - 1)).isFalse();
    }

    @Test
    void ipv6ErrorsAreBuiltAsScapyBuildsThem() {
        // .../ICMPv6DestUnreach(code=3)/b'odd' and ICMPv6TimeExceeded(code=0)/b'odd'
        assertThat(builtV6(message -> message.destinationUnreachable(3), "6f6464"))
                .isEqualTo("0103cfdd000000006f6464");
        assertThat(builtV6(message -> message.timeExceeded(0), "6f6464"))
                .isEqualTo("0300cde0000000006f6464");
        // .../ICMPv6PacketTooBig(mtu=1280)/b'\x60\0\0\0quotedpacket!'
        String quote = "6000000071756f7465647061636b657421";
        assertThat(builtV6(message -> message.packetTooBig(1280), quote))
                .isEqualTo("02009ca700000500" + quote);
    }

    @Test
    void anIpv6ErrorReadsAsScapyWroteIt() {
        byte[] message = Hex.bytes("02 00 9ca7", "00000500", "6000000071756f7465647061636b657421");
        int pseudo =
                InternetChecksum.pseudoHeaderV6Sum(
                        Memory.holding(ADDRESSES, 0), 0, IpProtocol.ICMPV6, message.length);
        icmpv6.wrap(Memory.holding(message, AT), AT);
        assertThat(icmpv6.isValid(message.length)).isTrue();
        assertThat(icmpv6.type()).isEqualTo(Icmpv6Message.PACKET_TOO_BIG);
        assertThat(icmpv6.code()).isZero();
        assertThat(icmpv6.checksum()).isEqualTo(0x9ca7);
        assertThat(icmpv6.nextHopMtu()).isEqualTo(1280);
        assertThat(icmpv6.quoteAt()).isEqualTo(AT + 8);
        assertThat(icmpv6.isErrorOrRedirect()).isTrue();
        assertThat(icmpv6.hasValidChecksum(message.length, pseudo)).isTrue();
        assertThat(icmpv6.hasValidChecksum(message.length, pseudo + 1)).isFalse();
    }

    @Test
    void echoesAreBuiltAsScapyBuildsThem() {
        // ICMP(type=8, id=0x89ab, seq=7)/b'quoted packet', then type=0
        assertThat(built(message -> message.echoRequest(0x89ab, 7)))
                .isEqualTo("0800c6c589ab0007" + QUOTE_HEX);
        assertThat(built(message -> message.echoRequest(0x89ab, 7).echoReply()))
                .isEqualTo("0000cec589ab0007" + QUOTE_HEX);
        // .../ICMPv6EchoRequest(id=0x89ab, seq=0xfffe, data=b'odd'), then ICMPv6EchoReply
        assertThat(builtV6(message -> message.echoRequest(0x89ab, 0xfffe), "6f6464"))
                .isEqualTo("8000c73589abfffe6f6464");
        assertThat(builtV6(message -> message.echoRequest(0x89ab, 0xfffe).echoReply(), "6f6464"))
                .isEqualTo("8100c63589abfffe6f6464");
    }

    @Test
    void anEchoTellsWhatItIsAbout() {
        icmp.wrap(Memory.holding(Hex.bytes("0800c81e 89abfffe"), AT), AT);
        assertThat(icmp.identifier()).isEqualTo(0x89ab);
        assertThat(icmp.sequenceNumber()).isEqualTo(0xfffe);
        assertThat(icmp.dataAt()).isEqualTo(AT + 8);
        icmpv6.wrap(Memory.holding(Hex.bytes("8000c81e fffe89ab"), AT), AT);
        assertThat(icmpv6.identifier()).isEqualTo(0xfffe);
        assertThat(icmpv6.sequenceNumber()).isEqualTo(0x89ab);
        assertThat(icmpv6.dataAt()).isEqualTo(AT + 8);
    }

    @Test
    void startingAMessageLeavesNoDirtAndReturnsItsOwnView() {
        ByteBuffer memory = Memory.dirty(8);
        assertThat(icmp.wrap(memory, 0).destinationUnreachable(13)).isSameAs(icmp);
        assertThat(Hex.text(memory, 0, 8)).isEqualTo("030d000000000000");
        assertThat(icmp.fragmentationNeeded(68).timeExceeded(1).writeChecksum(8)).isSameAs(icmp);
        assertThat(Hex.text(memory, 0, 8)).isEqualTo("0b01f4fe00000000");
        icmpv6.wrap(memory, 0).packetTooBig(1280).timeExceeded(1).destinationUnreachable(4);
        assertThat(Hex.text(memory, 0, 8)).isEqualTo("0104000000000000");
        assertThat(icmpv6.code()).isEqualTo(Icmpv6Message.PORT_UNREACHABLE);
        assertThat(icmpv6.writeChecksum(8, 0)).isSameAs(icmpv6);
        assertThat(icmpv6.hasValidChecksum(8, 0)).isTrue();
    }

    @Test
    void theLargestMtuComesBackUnsigned() {
        ByteBuffer memory = Memory.dirty(AT + 8);
        assertThat(icmpv6.wrap(memory, AT).packetTooBig(-1).nextHopMtu()).isEqualTo(0xffffffffL);
        assertThat(icmp.wrap(memory, AT).fragmentationNeeded(0xffff).nextHopMtu())
                .isEqualTo(0xffff);
    }

    @Test
    void fewerThanEightBytesAreNoMessage() {
        for (int limit = 0; limit < 8; limit++) {
            ByteBuffer memory = ByteBuffer.allocate(limit);
            assertThat(icmp.wrap(memory, 0).isValid(limit)).isFalse();
            assertThat(icmpv6.wrap(memory, 0).isValid(limit)).isFalse();
        }
        assertThat(icmp.wrap(ByteBuffer.allocate(8), 0).isValid(8)).isTrue();
        assertThat(icmpv6.wrap(ByteBuffer.allocate(8), 0).isValid(8)).isTrue();
    }

    @Test
    void onlyErrorsAreErrors() {
        for (int type = 0; type < 256; type++) {
            // RFC 1122 §3.2.2 lists ICMP's error messages
            boolean isError = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
            assertThat(Icmpv4Message.isError(type)).as("type %d", type).isEqualTo(isError);
            // RFC 4443 §2.1: the high bit is clear; §2.4 (e.2) adds redirects
            assertThat(Icmpv6Message.isErrorOrRedirect(type))
                    .as("ICMPv6 type %d", type)
                    .isEqualTo(type <= 127 || type == 137);
        }
        assertThat(icmp.wrap(ByteBuffer.allocate(8), 0).isError()).isFalse();
        ByteBuffer echo = ByteBuffer.allocate(8).put(0, (byte) Icmpv6Message.ECHO_REQUEST);
        assertThat(icmpv6.wrap(echo, 0).isErrorOrRedirect()).isFalse();
    }

    private String built(Consumer<Icmpv4Message> start) {
        ByteBuffer memory = Memory.dirty(AT + 8 + QUOTE.length + 4);
        start.accept(icmp.wrap(memory, AT));
        memory.put(icmp.quoteAt(), QUOTE);
        icmp.writeChecksum(8 + QUOTE.length);
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT + 8 + QUOTE.length, 4)).isEqualTo("a5".repeat(4));
        return Hex.text(memory, AT, 8 + QUOTE.length);
    }

    private String builtV6(Consumer<Icmpv6Message> start, String quoteHex) {
        byte[] quote = Hex.bytes(quoteHex);
        int length = 8 + quote.length;
        ByteBuffer addresses = Memory.holding(ADDRESSES, 0);
        ByteBuffer memory = Memory.dirty(AT + length + 4);
        start.accept(icmpv6.wrap(memory, AT));
        memory.put(icmpv6.quoteAt(), quote);
        icmpv6.writeChecksum(
                length,
                InternetChecksum.pseudoHeaderV6Sum(addresses, 0, IpProtocol.ICMPV6, length));
        assertThat(Hex.text(memory, 0, AT)).isEqualTo("a5".repeat(AT));
        assertThat(Hex.text(memory, AT + length, 4)).isEqualTo("a5".repeat(4));
        return Hex.text(memory, AT, length);
    }
}
