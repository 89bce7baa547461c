package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.OuterError;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IcmpWordsTest {
    private static final ByteBuffer QUOTED = ByteBuffer.allocate(0);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3 | 0 | 0 | network unreachable (3/0)",
                "3 | 1 | 0 | host unreachable (3/1)",
                "3 | 2 | 0 | protocol unreachable (3/2)",
                "3 | 3 | 0 | port unreachable (3/3)",
                "3 | 4 | 1300 | fragmentation needed (3/4, mtu 1300)",
                "3 | 4 | 0 | fragmentation needed (3/4)",
                "3 | 5 | 0 | source route failed (3/5)",
                "3 | 10 | 0 | destination unreachable (3/10)",
                "3 | 13 | 0 | administratively prohibited (3/13)",
                "11 | 0 | 0 | ttl exceeded in transit (11/0)",
                "11 | 1 | 0 | reassembly time exceeded (11/1)",
                "12 | 0 | 0 | parameter problem (12/0)",
                "99 | 0 | 0 | icmp error (99/0)"
            })
    void whatAnIcmpErrorIsCalled(int type, int code, int mtu, String words) throws Exception {
        InetAddress router = InetAddress.getByName("192.0.2.2");
        assertThat(IcmpWords.of(OuterError.icmpv4(0, type, code, mtu, router, QUOTED)))
                .isEqualTo(words + " from 192.0.2.2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | 0 | 0 | no route (1/0)",
                "1 | 1 | 0 | administratively prohibited (1/1)",
                "1 | 2 | 0 | destination unreachable (1/2)",
                "1 | 3 | 0 | address unreachable (1/3)",
                "1 | 4 | 0 | port unreachable (1/4)",
                "2 | 0 | 1280 | packet too big (2/0, mtu 1280)",
                "3 | 0 | 0 | hop limit exceeded in transit (3/0)",
                "3 | 1 | 0 | reassembly time exceeded (3/1)",
                "4 | 0 | 40 | parameter problem (4/0)",
                "4 | 1 | 6 | unrecognized next header (4/1)",
                "99 | 0 | 0 | icmpv6 error (99/0)"
            })
    void whatAnIcmpv6ErrorIsCalled(int type, int code, int info, String words) throws Exception {
        InetAddress router = InetAddress.getByName("2001:db8:0:0:0:0:0:2");
        assertThat(IcmpWords.of(OuterError.icmpv6(0, type, code, info, router, QUOTED)))
                .isEqualTo(words + " from 2001:db8::2");
    }

    @Test
    void thisHostsRefusalHasItsNumberAndASenderMayBeUnknown() {
        assertThat(IcmpWords.of(OuterError.refusal(90, 1500, QUOTED)))
                .isEqualTo("refused by this host (error 90)");
        assertThat(IcmpWords.of(OuterError.icmpv4(0, 3, 1, 0, null, QUOTED)))
                .isEqualTo("host unreachable (3/1) from unknown");
    }
}
