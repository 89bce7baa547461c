package io.culvert.dissect;

import io.culvert.wire.HeaderLayout;
import io.culvert.wire.HeaderOption;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.TcpHeader;

/** A TCP header with its options. */
final class TcpLayer {
    private TcpLayer() {}

    static Protocol decode(Walk walk) {
        OpenLayer layer = walk.open(Protocol.TCP).read(TcpHeader.LAYOUT);
        TcpHeader tcp = new TcpHeader().wrap(walk.memory, walk.at);
        if (walk.readable() < TcpHeader.MIN_LENGTH) {
            return layer.closeCutShort(TcpHeader.MIN_LENGTH);
        }
        int headerBytes = tcp.headerLengthBytes();
        layer.meaning("data-offset", Words.count(headerBytes, "byte"));
        if (headerBytes < TcpHeader.MIN_LENGTH) {
            layer.error("a header of " + headerBytes + " bytes is shorter than TCP's 20");
            return layer.close(TcpHeader.MIN_LENGTH, Protocol.DATA);
        }
        layer.checksum(
                "checksum",
                walk.transportChecksum(IpProtocol.TCP, walk.remaining(), tcp.checksum()));
        if (!tcp.isValid(walk.readable())) {
            return layer.closeCutShort(headerBytes);
        }
        options(walk, layer, headerBytes);
        return layer.close(headerBytes, Protocol.DATA);
    }

    private static void options(Walk walk, OpenLayer layer, int headerBytes) {
        HeaderOption option = new HeaderOption();
        int at = walk.at + TcpHeader.MIN_LENGTH;
        int end = walk.at + headerBytes;
        while (at < end) {
            if (!option.wrap(walk.memory, at, false).isValid(end - at)) {
                layer.error("an option is longer than the header");
                return;
            }
            option(walk, layer, option, at);
            if (option.type() == HeaderOption.END) {
                return;
            }
            at += option.lengthBytes();
        }
    }

    private static void option(Walk walk, OpenLayer layer, HeaderOption option, int at) {
        int bytes = option.lengthBytes();
        HeaderLayout layout = TcpHeader.optionLayout(option.type());
        if (layout != null && layout.lengthBytes() == option.valueLengthBytes()) {
            layer.read(layout, option.valueAt());
            return;
        }
        String name =
                switch (option.type()) {
                    case HeaderOption.END -> "end of options";
                    case HeaderOption.NO_OPERATION -> "no operation";
                    case TcpHeader.SACK_PERMITTED -> "SACK permitted";
                    case TcpHeader.SACK -> "SACK";
                    default -> "option " + option.type();
                };
        int valueBytes = option.valueLengthBytes();
        String value =
                valueBytes == 0 ? "" : " " + Words.bytes(walk.memory, option.valueAt(), valueBytes);
        layer.text("option", name + value, at, bytes, "RFC 9293 §3.1");
    }
}
