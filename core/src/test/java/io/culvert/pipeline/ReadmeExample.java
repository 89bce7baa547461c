package io.culvert.pipeline;

import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** The example that README shows: what stands between the two marks, line by line. */
final class ReadmeExample {
    private ReadmeExample() {}

    static ByteBuf run(ByteBuf inner) throws UnknownHostException {
        // README begins
        Inet4Address hangzhou = (Inet4Address) InetAddress.getByName("192.0.2.1");
        Inet4Address hongkong = (Inet4Address) InetAddress.getByName("192.0.2.2");
        TunnelSpec here =
                TunnelSpec.builder("gre1", TunnelMode.GRE).local(hangzhou).remote(hongkong).build();
        TunnelSpec there = here.toBuilder().local(hongkong).remote(hangzhou).build();

        EmbeddedChannel sender = new EmbeddedChannel(new TunnelCodec(here, 1500));
        sender.writeOutbound(inner); // an IP packet in a ByteBuf
        ByteBuf outer = sender.readOutbound(); // the same behind an IPv4 and a GRE header

        EmbeddedChannel receiver = new EmbeddedChannel(new TunnelCodec(there, 1500));
        receiver.writeInbound(outer);
        ByteBuf received = receiver.readInbound(); // the inner packet again
        // README ends
        return received;
    }
}
