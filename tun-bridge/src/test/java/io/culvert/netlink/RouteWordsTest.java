package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.Errno;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prefixes, routes and their absence in words. */
class RouteWordsTest {
    private static final InetAddress DESTINATION = Captured.ip("198.51.100.7");

    private static RouteAnswer through(RouteType type, String gateway, int table) {
        return new RouteAnswer(
                DESTINATION,
                type,
                0,
                3,
                "eth0",
                gateway == null ? null : Captured.ip(gateway),
                Captured.ip("192.0.2.1"),
                new IpPrefix(Captured.ip("198.51.100.0"), 24),
                table,
                0,
                RouteMtus.ofLink(1500),
                false);
    }

    @Test
    void aRouteReadsAsIpRoutePrintsIt() {
        assertThat(through(RouteType.UNICAST, "192.0.2.9", 254).words())
                .isEqualTo("198.51.100.0/24 via 192.0.2.9 dev eth0");
        assertThat(through(RouteType.UNICAST, null, 254).words())
                .isEqualTo("198.51.100.0/24 dev eth0");
        assertThat(through(RouteType.UNICAST, "fe80::1", 100).words())
                .isEqualTo("198.51.100.0/24 via fe80::1 dev eth0 table 100");
        assertThat(through(RouteType.LOCAL, null, 255).words())
                .isEqualTo("local 198.51.100.0/24 dev eth0");
    }

    @ParameterizedTest
    @CsvSource({
        "NO_ROUTE, no route to 198.51.100.7",
        "BLACKHOLE, a route of type blackhole to 198.51.100.7",
        "UNREACHABLE, a route of type unreachable to 198.51.100.7",
        "PROHIBIT, a route of type prohibit to 198.51.100.7",
        "FOREIGN_SOURCE, no route to 198.51.100.7 from a source that is not this host's",
    })
    void aMissingWayHasItsReason(RouteType type, String words) {
        RouteAnswer answer = RouteAnswer.none(DESTINATION, type, Errno.EINVAL);

        assertThat(answer.words()).isEqualTo(words);
        assertThat(answer.isReachable()).isFalse();
        assertThat(answer.isLocal()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0, 24, 192.0.2.0/24, 192.0.2.0/24",
        "192.0.2.1, 32, 192.0.2.1/32, 192.0.2.1",
        "0.0.0.0, 0, 0.0.0.0/0, default",
        "2001:db8::, 48, 2001:db8::/48, 2001:db8::/48",
        "2001:db8:0:0:1:0:0:1, 128, 2001:db8::1:0:0:1/128, 2001:db8::1:0:0:1",
        "2001:db8::, 32, 2001:db8::/32, 2001:db8::/32",
        "::, 0, ::/0, default",
    })
    void aPrefixReadsAsIpPrintsIt(String address, int lengthBits, String text, String words) {
        IpPrefix prefix = new IpPrefix(Captured.ip(address), lengthBits);

        assertThat(prefix).hasToString(text);
        assertThat(prefix.words()).isEqualTo(words);
        assertThat(prefix.isHost()).isEqualTo(!words.equals("default") && !words.equals(text));
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.0, 33, 0 to 32", "192.0.2.0, -1, 0 to 32", "2001:db8::, 129, 0 to 128"})
    void aPrefixLengthOutOfRangeIsRefused(String address, int lengthBits, String range) {
        InetAddress parsed = Captured.ip(address);

        assertThatThrownBy(() -> new IpPrefix(parsed, lengthBits))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prefix length of " + address + " is not " + range + ": " + lengthBits);
    }

    /** The numbers are those of linux/rtnetlink.h. */
    @Test
    void typesHaveTheKernelsNumbers() {
        assertThat(RouteType.of(1)).isEqualTo(RouteType.UNICAST);
        assertThat(RouteType.of(2)).isEqualTo(RouteType.LOCAL);
        assertThat(RouteType.of(6)).isEqualTo(RouteType.BLACKHOLE);
        assertThat(RouteType.of(9)).isEqualTo(RouteType.THROW);
        assertThat(RouteType.of(77)).isEqualTo(RouteType.OTHER);
    }

    /** The errors are those of fib_props in net/ipv4/fib_semantics.c. */
    @Test
    void anErrorTellsWhichRouteRefused() {
        assertThat(RouteType.ofError(Errno.EINVAL)).isEqualTo(RouteType.BLACKHOLE);
        assertThat(RouteType.ofError(Errno.EHOSTUNREACH)).isEqualTo(RouteType.UNREACHABLE);
        assertThat(RouteType.ofError(Errno.EACCES)).isEqualTo(RouteType.PROHIBIT);
        assertThat(RouteType.ofError(Errno.ENETUNREACH)).isEqualTo(RouteType.NO_ROUTE);
        assertThat(RouteType.ofError(Errno.ENODEV)).as("about the question").isNull();
    }
}
