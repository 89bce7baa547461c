package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Errno;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.OuterErrorKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Errors about packets sent over IPv6, from hand-made ICMPv6, this host, a router and a peer. */
@NeedsRoot
class ErrorQueueIpv6Test {
    private static final byte[] PACKET = RawIpv6Host.gre("outer packet");
    private static final OuterProtocol ICMPV6 = OuterProtocol.overIpv6(Packets.ICMPV6);

    private final List<OuterError> errors = new ArrayList<>();
    private RawIpv6Host host;
    private RawIpSocket socket;
    private RawIpSocket icmp;

    @BeforeEach
    void open() throws Exception {
        host = new RawIpv6Host();
        socket = host.open(RawIpOptions.DEFAULTS);
        icmp = host.open(ICMPV6, RawIpOptions.DEFAULTS);
    }

    @AfterEach
    void close() {
        icmp.close();
        socket.close();
        host.close();
    }

    /** Sends an ICMPv6 error about a packet to ourselves. */
    private void icmpArrives(int type, int code, int secondWord, byte[] about) {
        byte[] error =
                Packets.icmpv6Error(
                        type, code, secondWord, RawIpv6Host.THEIRS, RawIpv6Host.OURS, about);
        assertThat(icmp.writeBatch(RawIpv6Host.batchOf(error), 0)).isEqualTo(1);
    }

    /** Takes so many errors, and makes sure that there are no more. */
    private void assertErrors(int expected) {
        assertThat(RawIpv6Host.drain(socket, errors, expected)).isEqualTo(expected);
        assertThat(socket.errorQueue().drain(10, errors::add)).isZero();
    }

    private static String sender(OuterError error) {
        return error.offender().getHostAddress();
    }

    @Test
    void aPortUnreachableTellsWhoSentItAndQuotesThePacket() {
        icmpArrives(1, 4, 0, PACKET);

        assertErrors(1);

        OuterError error = errors.get(0);
        assertThat(error.kind()).isEqualTo(OuterErrorKind.PORT_UNREACHABLE);
        assertThat(error.isLocal()).isFalse();
        assertThat(error.errno()).isEqualTo(Errno.ECONNREFUSED);
        assertThat(error.type()).isEqualTo(1);
        assertThat(error.code()).isEqualTo(4);
        assertThat(error.infoMtu()).isZero();
        assertThat(sender(error)).isEqualTo("2001:db8:0:0:0:0:0:2");
        assertThat(error.quoted()).isEqualTo(ByteBuffer.wrap(PACKET));
    }

    @Test
    void eachErrorHasItsKindAndOnlyAPacketTooBigTellsAnMtu() {
        icmpArrives(1, 0, 0, PACKET);
        icmpArrives(2, 0, 1300, PACKET);
        icmpArrives(3, 0, 0, PACKET);
        icmpArrives(4, 1, 6, PACKET);
        icmpArrives(4, 0, 43, PACKET);
        assertErrors(5);
        assertThat(errors)
                .extracting(OuterError::kind)
                .containsExactly(
                        OuterErrorKind.NETWORK_UNREACHABLE,
                        OuterErrorKind.TOO_BIG,
                        OuterErrorKind.TIME_EXCEEDED,
                        OuterErrorKind.PROTOCOL_UNREACHABLE,
                        OuterErrorKind.PARAMETER_PROBLEM);
        assertThat(errors).extracting(OuterError::infoMtu).containsExactly(0, 1300, 0, 0, 0);
        assertThat(errors.get(1).errno()).isEqualTo(Errno.EMSGSIZE);
    }

    @Test
    void allThatAnIcmpv6ErrorMayQuoteIsKept() {
        byte[] longest = Arrays.copyOf(RawIpv6Host.gre("x".repeat(1400)), 1232);
        icmpArrives(2, 0, 1300, longest);
        assertErrors(1);
        assertThat(errors.get(0).quoted()).isEqualTo(ByteBuffer.wrap(longest));
    }

    @Test
    void anErrorAboutAPacketWithExtensionHeadersQuotesThemToo() {
        byte[] limited = HexFormat.of().parseHex("2f00040104010100" + "00000800" + "0".repeat(16));
        byte[] packet = Packets.ipv6(60, RawIpv6Host.OURS, RawIpv6Host.THEIRS, limited);
        icmpArrives(4, 0, 40, packet);
        assertErrors(1);
        assertThat(errors.get(0).quoted()).isEqualTo(ByteBuffer.wrap(packet));
    }

    @Test
    void errorsAboutAnotherProtocolAreNotOurs() {
        icmpArrives(1, 4, 0, Packets.ipv6(253, RawIpv6Host.OURS, RawIpv6Host.THEIRS, "another's"));
        icmpArrives(1, 3, 0, PACKET);
        assertErrors(1);
        assertThat(errors.get(0).code()).isEqualTo(3);
    }

    @Test
    void anErrorThatWaitsCostsNoPacketThatIsSentOrReceived() {
        icmpArrives(1, 3, 0, PACKET);
        PacketBatch batch = RawIpv6Host.batchOf(PACKET, PACKET, PACKET);

        assertThat(socket.writeBatch(batch, 0)).isEqualTo(3);

        assertThat(RawIpHost.reasons(batch)).containsOnlyNulls();
        icmpArrives(1, 3, 0, PACKET);
        assertThat(RawIpv6Host.read(socket, Packets.batch(4), 3)).isEqualTo(3);
        assertErrors(2);
    }

    @Test
    void aPacketLargerThanTheLinkIsALocalErrorWithTheLinksMtu() {
        host.namespace().run("ip link set lo mtu 1500");
        PacketBatch batch = RawIpv6Host.batchOf(RawIpv6Host.gre("x".repeat(1461)), PACKET);
        assertThat(socket.writeBatch(batch, 0)).isEqualTo(2);
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.UNDERLAY_TOO_BIG);
        assertThat(batch.isLive(1)).isTrue();

        // Once for each of the two attempts.
        assertErrors(2);
        assertThat(errors)
                .containsOnly(OuterError.refusal(Errno.EMSGSIZE, 1500, ByteBuffer.allocate(0)));
    }

    @Test
    void aPacketLargerThanThePathIsAnsweredByOurOwnAddressAndNotFragmented() {
        NetworkNamespace namespace = host.namespace();
        namespace.run("ip link add eth0 type veth peer name eth1");
        namespace.run("ip link set eth0 up");
        namespace.address("eth0", "2001:db8:1::1/64");
        namespace.run("ip neigh add 2001:db8:1::2 lladdr 02:00:00:00:00:01 dev eth0");
        namespace.run("ip route add 2001:db8:1::2 dev eth0 mtu 1300");
        byte[] packet = Packets.ipv6(Packets.GRE, "2001:db8:1::1", "2001:db8:1::2", new byte[1261]);
        PacketBatch batch = RawIpv6Host.batchOf(packet, PACKET);

        assertThat(socket.writeBatch(batch, 0)).isEqualTo(2);

        assertThat(batch.dropReason(0)).isEqualTo(DropReason.UNDERLAY_TOO_BIG);
        assertThat(batch.isLive(1)).isTrue();
        assertThat(RawIpv6Host.drain(socket, errors, 1)).isEqualTo(1);
        assertThat(errors)
                .allSatisfy(
                        error -> {
                            assertThat(error.isLocal()).isFalse();
                            assertThat(error.kind()).isEqualTo(OuterErrorKind.TOO_BIG);
                            assertThat(error.infoMtu()).isEqualTo(1300);
                            assertThat(sender(error)).isEqualTo("2001:db8:1:0:0:0:0:1");
                            assertThat(error.quoted())
                                    .isEqualTo(ByteBuffer.wrap(Arrays.copyOf(packet, 1232)));
                        });
    }

    /** Us, a router in the middle and a peer: 2001:db8:1::/64 and 2001:db8:2::/64 between them. */
    @Nested
    @NeedsRoot(programs = "ping")
    class BeyondARouter {
        private static final String ROUTER = "2001:db8:1:0:0:0:0:2";

        private NetworkNamespace router;
        private NetworkNamespace peer;

        @BeforeEach
        void connect() {
            router = NetworkNamespace.create("router");
            peer = NetworkNamespace.create("peer");
            NetworkNamespace us = host.namespace();
            NetworkNamespace.connect(us, "eth0", router, "eth0");
            NetworkNamespace.connect(router, "eth1", peer, "eth0");
            us.address("eth0", "2001:db8:1::1/64");
            router.address("eth0", "2001:db8:1::2/64");
            router.address("eth1", "2001:db8:2::1/64");
            peer.address("eth0", "2001:db8:2::2/64");
            for (NetworkNamespace each : new NetworkNamespace[] {router, peer}) {
                each.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv6/icmp/ratelimit");
            }
            router.exec("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
            us.run("ip route add 2001:db8::/32 via 2001:db8:1::2");
            peer.run("ip route add 2001:db8::/32 via 2001:db8:2::1");
            us.run("ping -c 1 -W 5 2001:db8:2::2");
        }

        @AfterEach
        void disconnect() {
            peer.close();
            router.close();
        }

        private byte[] packet(int hopLimit, String destination, int payloadBytes) {
            return Packets.ipv6(
                    0x6000_0000,
                    hopLimit,
                    Packets.GRE,
                    "2001:db8:1::1",
                    destination,
                    new byte[payloadBytes]);
        }

        /** The only error that comes back for a packet. */
        private OuterError errorAbout(byte[] packet) {
            PacketBatch batch = RawIpv6Host.batchOf(packet);
            assertThat(socket.writeBatch(batch, 0)).isEqualTo(1);
            assertThat(batch.isLive(0)).isTrue();
            // An answer to the packet would come before the answer to the ping.
            host.namespace().run("ping -c 1 -W 5 2001:db8:2::2");
            assertErrors(1);
            OuterError error = errors.get(0);
            assertThat(error.isLocal()).isFalse();
            assertThat(error.quoted().getLong(8)).isEqualTo(0x2001_0db8_0001_0000L);
            return error;
        }

        @Test
        void aSmallerLinkIsAPacketTooBigAndTheNextOneIsRefusedHere() {
            router.run("ip link set eth1 mtu 1400");
            byte[] packet = packet(64, "2001:db8:2::2", 1361);

            OuterError error = errorAbout(packet);

            assertThat(error.kind()).isEqualTo(OuterErrorKind.TOO_BIG);
            assertThat(error.infoMtu()).isEqualTo(1400);
            assertThat(sender(error)).isEqualTo(ROUTER);
            PacketBatch next = RawIpv6Host.batchOf(packet, packet(64, "2001:db8:2::2", 1360));
            assertThat(socket.writeBatch(next, 0)).isEqualTo(2);
            assertThat(RawIpHost.reasons(next)).containsExactly(DropReason.UNDERLAY_TOO_BIG, null);
        }

        @Test
        void noRouteIsToldByTheRouter() {
            OuterError error = errorAbout(packet(64, "2001:db8:9::9", 20));
            assertThat(error.kind()).isEqualTo(OuterErrorKind.NETWORK_UNREACHABLE);
            assertThat(sender(error)).isEqualTo(ROUTER);
        }

        @Test
        void aForbiddenRouteIsToldByTheRouter() {
            router.run("ip route add prohibit 2001:db8:9::/64");
            OuterError error = errorAbout(packet(64, "2001:db8:9::9", 20));
            assertThat(error.kind()).isEqualTo(OuterErrorKind.PROHIBITED);
            assertThat(sender(error)).isEqualTo(ROUTER);
        }

        @Test
        void aHopLimitThatEndsIsToldByTheRouter() {
            OuterError error = errorAbout(packet(1, "2001:db8:2::2", 20));
            assertThat(error.kind()).isEqualTo(OuterErrorKind.TIME_EXCEEDED);
            assertThat(sender(error)).isEqualTo(ROUTER);
        }

        @Test
        void aPeerThatDoesNotTakeTheProtocolSaysSo() {
            OuterError error = errorAbout(packet(64, "2001:db8:2::2", 20));
            assertThat(error.kind()).isEqualTo(OuterErrorKind.PROTOCOL_UNREACHABLE);
            assertThat(sender(error)).isEqualTo("2001:db8:2:0:0:0:0:2");
        }

        @Test
        void aPeerThatTakesItIsSilent() throws Exception {
            try (RawIpSocket theirs =
                    NamespaceThread.call(
                            peer, () -> RawIpSocket.open(RawIpv6Host.GRE, RawIpOptions.DEFAULTS))) {
                byte[] packet = packet(64, "2001:db8:2::2", 20);
                socket.writeBatch(RawIpv6Host.batchOf(packet), 0);
                host.namespace().run("ping -c 1 -W 5 2001:db8:2::2");
                PacketBatch received = Packets.batch(1);
                assertThat(RawIpv6Host.read(theirs, received, 1)).isEqualTo(1);
                packet[7]--; // the router's hop
                assertThat(Packets.bytes(received, 0)).isEqualTo(packet);
                assertErrors(0);
            }
        }
    }
}
