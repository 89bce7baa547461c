package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user reads when the words are wrong, word for word. */
final class TunnelWordsComplaintTest {
    private static final String PLAIN = "tun0 mode gre remote 192.0.2.2 ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "remot 192.0.2.9| unknown word \"remot\": did you mean \"remote\"?",
                "pmtdisc| unknown word \"pmtdisc\": did you mean \"pmtudisc\"?",
                "loc 192.0.2.1| unknown word \"loc\": did you mean \"local\"?",
                "tll 64| unknown word \"tll\": did you mean \"ttl\"?",
                "--ttl 64| unknown word \"--ttl\": did you mean \"ttl\"?",
                "ttl=64| unknown word \"ttl=64\": did you mean \"ttl 64\"?",
                "--ttl=64| unknown word \"--ttl=64\": did you mean \"ttl 64\"?",
                "lanes 2| unknown word \"lanes\": \"--lanes\" is for all tunnels, and stands before"
                        + " the first word",
                "--spin 20| unknown word \"--spin\": \"--spin\" is for all tunnels, and stands"
                        + " before the first word",
                "quack| unknown word \"quack\": see culvert run --help",
                "192.0.2.9| unknown word \"192.0.2.9\": an address follows a word, such as"
                        + " \"remote\", \"local\" or \"address\"",
                "ofload on| unknown word \"ofload\": did you mean \"offload\"?",
                "offload yes| offload \"yes\" is not auto, on or off",
                "keepalives 3| unknown word \"keepalives\": did you mean \"keepalive\"?",
                "TTL 64| unknown word \"TTL\": did you mean \"ttl\"?",
                "encap fou| \"encap\" is a word of ip that is not offered here",
                "external| \"external\" is a word of ip that is not offered here",
                "peer 192.0.2.9| \"peer\" follows an address: \"address A peer B\""
            })
    void anUnknownWordIsNamedWithTheNearestOne(String words, String message) {
        complains(PLAIN + words, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "local| \"local\" needs an address or any after it",
                "local ttl 64| \"local\" needs an address or any after it, not the word"
                        + " \"ttl\"",
                "hlim| \"hlim\" needs 1 to 255 or inherit after it",
                "tos| \"tos\" needs two hexadecimal digits, a name or inherit after it",
                "key csum| \"key\" needs a number or a dotted quad after it, not the word \"csum\"",
                "dev| \"dev\" needs a device name after it",
                "mtu| \"mtu\" needs a number of bytes after it",
                "address| \"address\" needs an address with its length, such as 192.168.1.1/30"
                        + " after it",
                "address 192.168.1.1 peer| \"peer\" needs an address after it",
                "route| \"route\" needs a network, such as 172.31.240.0/20 after it"
            })
    void aWordWithoutItsValueIsNamed(String words, String message) {
        complains(PLAIN + words, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ttl 256| ttl \"256\" is not 1 to 255 or inherit",
                "hoplimit -1| hoplimit \"-1\" is not 1 to 255 or inherit",
                "ttl 09| ttl \"09\" is not 1 to 255 or inherit",
                "ttl 99999999999999999999| ttl \"99999999999999999999\" is not 1 to 255 or inherit",
                "tos 100| tos \"100\" is not two hexadecimal digits, a name or inherit",
                "tos cs6| tos \"cs6\" is not two hexadecimal digits, a name or inherit",
                "tos inherit/| tos \"inherit/\" is not two hexadecimal digits, a name or inherit",
                "tos -1| tos \"-1\" is not two hexadecimal digits, a name or inherit",
                "key 4294967296| key \"4294967296\" is not a number or a dotted quad",
                "key -1| key \"-1\" is not a number or a dotted quad",
                "key +1| key \"+1\" is not a number or a dotted quad",
                "ikey 0x| ikey \"0x\" is not a number or a dotted quad",
                "okey 1.2| okey \"1.2\" is not a number or a dotted quad",
                "mtu 65536| mtu 65536 is not 68 to 65511",
                "mtu 4294968576| mtu 4294968576 is not 68 to 65511",
                "mtu 0| mtu 0 is not 68 to 65511",
                "mtu 0 key 7| mtu 0 is not 68 to 65507",
                "mtu -1| mtu \"-1\" is not a number of bytes",
                "mtu 1500b| mtu \"1500b\" is not a number of bytes",
                "mtu 67| mtu 67 is not 68 to 65511",
                "mtu 65535| mtu 65535 is not 68 to 65511"
            })
    void aValueOutOfRangeIsNamed(String words, String message) {
        complains(PLAIN + words, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ttl 64 ttl 64| \"ttl\" is given twice",
                "ttl 64 hoplimit 64| \"hoplimit\" and \"ttl\" mean the same: give one",
                "remote 192.0.2.3| \"remote\" is given twice",
                "csum csum| \"csum\" is given twice",
                "csum nocsum| \"csum\" and \"nocsum\" contradict each other",
                "iseq noiseq| \"iseq\" and \"noiseq\" contradict each other",
                "pmtudisc nopmtudisc| \"pmtudisc\" and \"nopmtudisc\" contradict each other",
                "okey 7 key 8| \"key\" after \"okey\" would overwrite it: put \"key\" first",
                "ignore-df| ignore-df needs nopmtudisc: with pmtudisc the outer DF bit is always"
                        + " set",
                "mode sit| \"mode\" is given twice",
                "mode gre| \"mode\" is given twice",
                "type gre| \"type\" and \"mode gre\" both say the mode: give one"
            })
    void wordsThatDoNotGoTogetherAreNamed(String words, String message) {
        complains(PLAIN + words, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "remote any| \"remote any\" is a point-to-multipoint tunnel, which is not offered:"
                        + " give the address of one peer",
                "remote 0.0.0.0| \"remote any\" is a point-to-multipoint tunnel, which is not"
                        + " offered: give the address of one peer",
                "remote 2001:db8::1| remote 2001:db8::1 is IPv6, and gre has IPv4 outside; over IPv6"
                        + " there are ip6gre, ip6gretap and ip6tnl",
                "remote peer.example| remote: not an IPv4 address: \"peer.example\"; expected four"
                        + " numbers from 0 to 255 such as 192.0.2.1",
                "remote 192.0.2| remote: not an IPv4 address: \"192.0.2\"; expected four numbers"
                        + " from 0 to 255 such as 192.0.2.1",
                "remote 192.0.2.2 local 192.0.2.2| remote and local are both 192.0.2.2: a tunnel"
                        + " needs two ends",
                "remote 224.0.0.5| remote 224.0.0.5 is multicast: give the address of one peer",
                "remote 192.0.2.2 local 2001:db8::1| local 2001:db8::1 is IPv6, and gre has IPv4"
                        + " outside; over IPv6 there are ip6gre, ip6gretap and ip6tnl",
                "remote 192.0.2.2 local here| local: not an IPv4 address: \"here\"; expected four"
                        + " numbers from 0 to 255 such as 192.0.2.1"
            })
    void outerAddressesMustBeOnePeersIpv4Literals(String words, String message) {
        complains("tun0 mode gre " + words, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "address 192.168.1.1/33| address: \"192.168.1.1/33\" has a length that is not 0 to"
                        + " 32",
                "address 192.168.1.1/x| address: \"192.168.1.1/x\" has a length that is not 0 to"
                        + " 32",
                "address 2001:db8::1/129| address: \"2001:db8::1/129\" has a length that is not 0"
                        + " to 128",
                "address 192.168.1.1/| address: \"192.168.1.1/\" has a length that is not 0 to 32",
                "address 192.168.1.1/24 peer 192.168.1.2| address: with a peer, the length goes to"
                        + " the peer: \"address 192.168.1.1 peer 192.168.1.2/24\"",
                "address 192.168.1.1 peer 2001:db8::2| address: address 192.168.1.1 and peer"
                        + " 2001:db8::2 are of different IP versions",
                "address tun| address: not an IPv4 address: \"tun\"; expected four numbers from 0"
                        + " to 255 such as 192.0.2.1",
                "address 2001:db8::zz/64| address: not an IPv6 address: \"2001:db8::zz\"",
                "address 1::2::3/64| address: not an IPv6 address: \"1::2::3\"",
                "address ::ffff:192.0.2.1| address: \"::ffff:192.0.2.1\" is an IPv4-mapped address:"
                        + " write it as IPv4",
                "route 10.0.0.1/8| route: 10.0.0.1/8 has bits set beyond its length: did you mean"
                        + " 10.0.0.0/8?",
                "route 2001:db8::1/32| route: 2001:db8::1/32 has bits set beyond its length: did"
                        + " you mean 2001:db8::/32?",
                "route 10.0.0.0/99| route: \"10.0.0.0/99\" has a length that is not 0 to 32"
            })
    void addressesAndRoutesMustBePlausible(String words, String message) {
        complains(PLAIN + words, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tun0 mode ipip key 7| keys are not allowed with ipip: only gre has a key",
                "tun0 mode sit ikey 7| keys are not allowed with sit: only gre has a key",
                "tun0 mode ipip csum| checksums are not allowed with ipip: only gre has a checksum",
                "tun0 mode sit oseq| sequence numbers are not allowed with sit: only gre has them",
                "tun0 mode ipip nopmtudisc ignore-df| ignore-df is not allowed with ipip: only gre"
                        + " has it",
                "tun0 mode ipip address 2001:db8::1/64| address 2001:db8::1/64 is IPv6, and ipip"
                        + " with payload ipip does not carry it",
                "tun0 mode sit route 10.0.0.0/8| route 10.0.0.0/8 is IPv4, and sit with payload"
                        + " ip6ip does not carry it",
                "tun0 mode sit mtu 1279| mtu 1279 is not 1280 to 65515",
                "tun0 mode sit mtu 0| mtu 0 is not 1280 to 65515",
                "tun0 mode ipip ip6ip| ipip carries no IPv6: use \"type sit mode ip6ip\"",
                "tun0 mode gre any| gre has no payload word: leave out" + " \"any\"",
                "tun0 type sit mode mplsip| unknown payload \"mplsip\" of sit: it is any, ip6ip or"
                        + " ipip",
                "tun0 type sit mode any mode any| \"mode\" is given twice",
                "tun0 mode sit any ip6ip| unknown word \"ip6ip\": see culvert run --help",
                "tun0 mode sit mode any mode any| \"mode\" is given more than twice",
                "tun0 mode vti| mode \"vti\" is not offered: use gre, ipip, sit, gretap, ip6gre,"
                        + " ip6gretap or ip6tnl",
                "tun0 type erspan| type \"erspan\" is not offered: use gre, ipip, sit, gretap,"
                        + " ip6gre, ip6gretap or ip6tnl",
                "tun0 mode gretap keepalive 10| keepalive is not offered for Ethernet tunnels: it has"
                        + " no address to ask",
                "tun0 mode gre flowlabel 1| \"flowlabel\" is for tunnels over IPv6 (ip6gre,"
                        + " ip6gretap, ip6tnl), not for gre",
                "tun0 mode sit allow-localremote| \"allow-localremote\" is for tunnels over IPv6"
                        + " (ip6gre, ip6gretap, ip6tnl), not for sit",
                "tun0 mode ip6tnl| remote 192.0.2.2 is IPv4, and ip6tnl has IPv6 outside; over IPv4"
                        + " there are gre, gretap, ipip and sit",
                "tun0 mode ip6gre any| ip6gre has no payload word: leave out \"any\"",
                "tun0 type ip6tnl mode ip6ip| unknown payload \"ip6ip\" of ip6tnl: it is any, ip6ip6"
                        + " or ipip6",
                "tun0 mode greee| unknown mode \"greee\": it is gre, ipip, sit, gretap, ip6gre,"
                        + " ip6gretap or ip6tnl",
                "tun0| a tunnel needs a mode: \"mode KIND\", which is gre, ipip, sit, gretap, ip6gre,"
                        + " ip6gretap or ip6tnl",
                "mode gre| a tunnel needs a name: give it first, for example \"tun0\"",
                "sixteen-letters0 mode gre| name \"sixteen-letters0\" is too long: 16 bytes, at"
                        + " most 15",
                "a/b mode gre| name \"a/b\" is not one that a network device may have"
            })
    void whatTheModeDoesNotHaveIsNamed(String words, String message) {
        complains(words + " remote 192.0.2.2", message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "pmtudisc| \"pmtudisc\" is for tunnels over IPv4: leave it out, ip6gre never"
                        + " fragments outer packets",
                "flowlabel 100000| flowlabel \"100000\" is not 0 to fffff or inherit",
                "encaplimit 256| encaplimit \"256\" is not 0 to 255 or none",
                "dscp 10| dscp \"10\" is not inherit",
                "tclass inherit/10| tclass \"inherit/10\" is not two hexadecimal digits, a name or"
                        + " inherit",
                "allow-localremote noallow-localremote| \"allow-localremote\" and"
                        + " \"noallow-localremote\" contradict each other",
                "local ff02::1%eth0| local: not an IPv6 address: \"ff02::1%eth0\""
            })
    void whatIpv6OutsideDoesNotHaveIsNamed(String words, String message) {
        complains("tun0 mode ip6gre remote 2001:db8::2 " + words, message);
    }

    @Test
    void withoutRemoteItAsksForOne() {
        complains("tun0 mode gre", "a tunnel needs the peer's address: \"remote ADDR\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tun0 mode gre remote", "a b c d", "\t", "= / : ::", "é mode gre"})
    void oddWordsAreComplainedAboutInOneLine(String words) {
        List<String> split = List.of(words.split(" ", -1));

        assertThatThrownBy(() -> TunnelWords.parse(split))
                .isInstanceOf(WordsException.class)
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0", "0.05", "0:3", "10:", "10:0", "10:256", ":3", "-1", "1e3", "32768", "x",
                "32767.1", "0.0999", "10,3", "10:3:1", ".5", "5.", "0x10", "99999:1"
            })
    void aKeepaliveIsSecondsAndRetries(String value) {
        complains(
                PLAIN + "keepalive " + value,
                "keepalive \""
                        + value
                        + "\" is not 0.1 to 32767 seconds, or these with 1 to 255 retries, such as"
                        + " 10:3");
    }

    @Test
    void aCarrierThatFollowsNothingIsAMistake() {
        complains(
                PLAIN + "keepalive-carrier",
                "\"keepalive-carrier\" needs keepalives: \"keepalive SECONDS\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ipip",
                "ipip address 192.168.1.1/24",
                "ipip address 192.168.1.1/32",
                "ipip address 192.168.1.0/30",
                "ipip address 192.168.1.3/30"
            })
    void anEchoNeedsAnAddressToGoTo(String words) {
        complains(
                "tun0 remote 192.0.2.2 keepalive 5 mode " + words,
                "keepalive with ipip asks the peer by its address inside the tunnel: add"
                        + " \"address ADDR peer ADDR\"");
    }

    private static void complains(String words, String message) {
        assertThatThrownBy(() -> TunnelWords.parse(Arrays.asList(words.split("\\s+"))))
                .isInstanceOf(WordsException.class)
                .hasMessage(message);
    }
}
