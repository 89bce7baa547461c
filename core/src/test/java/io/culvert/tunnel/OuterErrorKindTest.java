package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Types and codes as IANA's registries "ICMP Parameters" and "ICMPv6 Parameters" name them. */
class OuterErrorKindTest {
    @ParameterizedTest(name = "{0}/{1} is {2}")
    @CsvSource({
        "3, 0, NETWORK_UNREACHABLE",
        "3, 1, HOST_UNREACHABLE",
        "3, 2, PROTOCOL_UNREACHABLE",
        "3, 3, PORT_UNREACHABLE",
        "3, 4, TOO_BIG",
        "3, 5, SOURCE_ROUTE_FAILED",
        "3, 6, UNREACHABLE",
        "3, 13, PROHIBITED",
        "3, 255, UNREACHABLE",
        "4, 0, OTHER",
        "5, 1, OTHER",
        "11, 0, TIME_EXCEEDED",
        "11, 1, REASSEMBLY_TIME_EXCEEDED",
        "12, 0, PARAMETER_PROBLEM",
        "2, 0, OTHER"
    })
    void whatAnIcmpErrorSays(int type, int code, OuterErrorKind kind) {
        assertThat(OuterErrorKind.ofIcmpv4(type, code)).isEqualTo(kind);
    }

    @ParameterizedTest(name = "{0}/{1} is {2}")
    @CsvSource({
        "1, 0, NETWORK_UNREACHABLE",
        "1, 1, PROHIBITED",
        "1, 2, UNREACHABLE",
        "1, 3, HOST_UNREACHABLE",
        "1, 4, PORT_UNREACHABLE",
        "1, 5, PROHIBITED",
        "1, 6, PROHIBITED",
        "1, 7, SOURCE_ROUTE_FAILED",
        "1, 8, UNREACHABLE",
        "2, 0, TOO_BIG",
        "3, 0, TIME_EXCEEDED",
        "3, 1, REASSEMBLY_TIME_EXCEEDED",
        "4, 0, PARAMETER_PROBLEM",
        "4, 1, PROTOCOL_UNREACHABLE",
        "4, 2, PARAMETER_PROBLEM",
        "11, 0, OTHER",
        "137, 0, OTHER"
    })
    void whatAnIcmpv6ErrorSays(int type, int code, OuterErrorKind kind) {
        assertThat(OuterErrorKind.ofIcmpv6(type, code)).isEqualTo(kind);
    }

    @Test
    void onlyAnErrorAboutTheSizeTellsAnMtu() {
        ByteBuffer quoted = ByteBuffer.allocate(0);
        assertThat(OuterError.icmpv4(90, 3, 4, 1300, null, quoted).infoMtu()).isEqualTo(1300);
        assertThat(OuterError.icmpv4(71, 12, 0, 1300, null, quoted).infoMtu()).isZero();
        assertThat(OuterError.icmpv6(90, 2, 0, 1300, null, quoted).infoMtu()).isEqualTo(1300);
        assertThat(OuterError.icmpv6(71, 4, 0, 6, null, quoted).infoMtu()).isZero();
        assertThat(OuterError.icmpv6(90, 2, 0, -1, null, quoted).infoMtu())
                .as("four billion is no negative number")
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aRefusalIsAboutTheSizeWhenItTellsOne() {
        ByteBuffer quoted = ByteBuffer.allocate(0);
        OuterError tooBig = OuterError.refusal(90, 1500, quoted);
        assertThat(tooBig.kind()).isEqualTo(OuterErrorKind.TOO_BIG);
        assertThat(tooBig.isLocal()).isTrue();
        assertThat(tooBig.infoMtu()).isEqualTo(1500);
        OuterError unreachable = OuterError.refusal(113, 0, quoted);
        assertThat(unreachable.kind()).isEqualTo(OuterErrorKind.OTHER);
        assertThat(unreachable.errno()).isEqualTo(113);
        assertThat(unreachable.offender()).isNull();
    }
}
