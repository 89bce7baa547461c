package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuotedSenderTest {
    private static final List<TunnelSpec> SPECS =
            List.of(
                    Specs.of(TunnelMode.GRE).build(),
                    Specs.of(TunnelMode.GRE).inputKey(1).outputKey(2).build(),
                    Specs.of(TunnelMode.GRE).key(3).checksum(true).sequence(true).build(),
                    Specs.of(TunnelMode.IPIP).build(),
                    Specs.of(TunnelMode.SIT).payload(Payload.IP).build());

    private final QuotedSender sender = new QuotedSender();
    private final List<TunnelEndpoint> tunnels = new ArrayList<>();

    private TunnelTable table(List<TunnelSpec> specs) {
        tunnels.clear();
        specs.forEach(spec -> tunnels.add(new TunnelEndpoint(spec, tunnels.size(), 0)));
        return new TunnelTable(tunnels);
    }

    private static byte[] sent(TunnelSpec spec, boolean isIpv6Inside) {
        byte[] inner =
                isIpv6Inside ? Ipv6Packet.ofBytes(80).bytes() : Ipv4Packet.ofBytes(80).bytes();
        return new SendingEnd(spec, 1500).send(inner).only();
    }

    @Test
    void eachTunnelIsFoundByTheShortestQuoteThatHasItsWholeHeader() {
        TunnelTable table = table(SPECS);
        for (int i = 0; i < SPECS.size(); i++) {
            boolean isSit = TunnelMode.of(SPECS.get(i)) == TunnelMode.SIT;
            byte[] outer = sent(SPECS.get(i), isSit);
            int header = SPECS.get(i).overheadBytes();
            for (int length = 0; length <= outer.length; length++) {
                ByteBuffer quote = ByteBuffer.wrap(Arrays.copyOf(outer, length));
                assertThat(sender.find(table, quote))
                        .as("tunnel %d, %d bytes", i, length)
                        .isSameAs(length < header ? null : tunnels.get(i));
            }
        }
    }

    @Test
    void aSitTunnelIsFoundByProtocol4WhereThereIsNoIpipTunnel() {
        TunnelSpec sit = SPECS.get(4);
        ByteBuffer quote = ByteBuffer.wrap(sent(sit, false));
        assertThat(sender.find(table(List.of(sit)), quote)).isSameAs(tunnels.get(0));
        assertThat(sender.find(table(SPECS), quote)).isSameAs(tunnels.get(3));
    }

    @Test
    void aQuotedIpv6PacketIsNotReadAsIpv4() {
        byte[] quote = sent(SPECS.get(0), false);
        quote[0] = 0x65;
        assertThat(sender.find(table(SPECS), ByteBuffer.wrap(quote))).isNull();
    }

    @Test
    void whatNoneOfTheTunnelsSentIsNobodys() {
        TunnelTable table = table(SPECS);
        byte[] udp = Ipv4Packet.ofBytes(80).source(Specs.LOCAL).destination(Specs.REMOTE).bytes();
        assertThat(sender.find(table, ByteBuffer.wrap(udp))).isNull();
        byte[] elsewhere = sent(SPECS.get(0), false);
        elsewhere[19]++;
        assertThat(sender.find(table, ByteBuffer.wrap(elsewhere))).isNull();
        byte[] received = sent(Specs.peer(SPECS.get(0)), false);
        assertThat(sender.find(table, ByteBuffer.wrap(received))).isNull();
    }
}
