package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Raw IPv6 sockets, mostly on the loopback device of a namespace. */
@NeedsRoot
class RawIpv6SocketTest {
    private static final int DESTINATION_OPTIONS = 60;
    private static final int FRAGMENT = 44;

    /** RFC 2473 §4.1.1: a tunnel encapsulation limit of 4, padding, and GRE to follow. */
    private static final byte[] LIMIT = HexFormat.of().parseHex("2f00040104010100");

    private RawIpv6Host host;

    @BeforeEach
    void makeHost() {
        host = new RawIpv6Host();
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void aBatchComesBackInOrderWithTheHeadersItWasSentWith() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(100);
            for (int i = 0; i < 100; i++) {
                Packets.append(
                        sent,
                        Packets.ipv6(
                                0x6000_0000 | i * 0x0029_0b03,
                                1 + i,
                                Packets.GRE,
                                i % 2 == 0 ? RawIpv6Host.OURS : RawIpv6Host.THEIRS,
                                i % 2 == 0 ? RawIpv6Host.THEIRS : RawIpv6Host.OURS,
                                ("packet " + i).getBytes(StandardCharsets.US_ASCII)));
            }
            PacketBatch received = Packets.batch(128);
            assertThat(socket.readBatch(received)).isZero();

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(100);
            assertThat(RawIpv6Host.read(socket, received, 100)).isEqualTo(100);

            for (int i = 0; i < 100; i++) {
                assertThat(sent.isLive(i)).isTrue();
                assertThat(Packets.bytes(received, i)).isEqualTo(Packets.bytes(sent, i));
                assertThat(received.start(i)).isEqualTo(received.slab().packetAt(i) - 40);
                assertThat(received.link(i)).isZero();
                assertThat(received.tunnel(i)).isEqualTo(PacketBatch.NO_TUNNEL);
            }
            assertThat(socket.readBatch(received)).isZero();
            assertThat(socket.receiveDrops()).isZero();
        }
    }

    @Test
    void batchesLargerThanOneCallAndOneAfterTheOtherIntoTheSameBatchKeepTheirOrder()
            throws Exception {
        try (RawIpSocket socket = host.open(new RawIpOptions(1 << 22, 1 << 20, false, 300))) {
            PacketBatch sent = Packets.batch(300);
            for (int i = 0; i < 300; i++) {
                Packets.append(sent, RawIpv6Host.gre("packet " + i));
            }
            PacketBatch received = Packets.batch(300);
            for (int i = 0; i < 300; i += 100) {
                sent.drop(i, DropReason.TOO_BIG);
            }
            assertThat(socket.writeBatch(sent, 150)).isEqualTo(300);
            assertThat(RawIpv6Host.read(socket, received, 149)).isEqualTo(149);
            assertThat(socket.writeBatch(sent, 149)).isEqualTo(300);
            assertThat(RawIpv6Host.read(socket, received, 150)).isEqualTo(150);

            assertThat(Packets.bytes(received, 0)).isEqualTo(RawIpv6Host.gre("packet 150"));
            assertThat(Packets.bytes(received, 149)).isEqualTo(RawIpv6Host.gre("packet 149"));
            assertThat(Packets.bytes(received, 298)).isEqualTo(RawIpv6Host.gre("packet 299"));
            assertThat(socket.readBatch(received)).isZero();
        }
    }

    @Test
    void aPacketWithoutClassAndLabelHasNoneOfTheOneBefore() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            byte[] plain =
                    Packets.ipv6(
                            0x6000_0000,
                            64,
                            Packets.GRE,
                            RawIpv6Host.OURS,
                            RawIpv6Host.THEIRS,
                            new byte[8]);
            PacketBatch received = Packets.batch(2);
            for (byte[] packet : List.of(RawIpv6Host.gre("marked"), plain)) {
                received.clear();
                socket.writeBatch(RawIpv6Host.batchOf(packet), 0);
                assertThat(RawIpv6Host.read(socket, received, 1)).isEqualTo(1);
                assertThat(Packets.bytes(received, 0)).isEqualTo(packet);
            }
        }
    }

    @Test
    void extensionHeadersAreGoneAndNotCounted() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            byte[] withLimit =
                    ByteBuffer.allocate(16)
                            .put(LIMIT)
                            .put("payload!".getBytes(StandardCharsets.US_ASCII))
                            .array();
            byte[] sent =
                    Packets.ipv6(
                            DESTINATION_OPTIONS, RawIpv6Host.OURS, RawIpv6Host.THEIRS, withLimit);
            PacketBatch received = Packets.batch(1);

            socket.writeBatch(RawIpv6Host.batchOf(sent), 0);

            assertThat(RawIpv6Host.read(socket, received, 1)).isEqualTo(1);
            assertThat(Packets.bytes(received, 0)).isEqualTo(RawIpv6Host.gre("payload!"));
        }
    }

    @Test
    void theLargestPacketIsReassembledAndFitsASlot() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS);
                RawIpSocket fragments =
                        host.open(OuterProtocol.overIpv6(FRAGMENT), RawIpOptions.DEFAULTS)) {
            byte[] payload = new byte[65_535];
            new Random(6).nextBytes(payload);
            int cut = 40_000;
            PacketBatch sent =
                    RawIpv6Host.batchOf(
                            fragment(0, true, Arrays.copyOf(payload, cut)),
                            fragment(cut, false, Arrays.copyOfRange(payload, cut, payload.length)));
            PacketBatch received = Packets.batch(1, PacketSlab.MAX_PACKET_BYTES);

            assertThat(fragments.writeBatch(sent, 0)).isEqualTo(2);

            assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
            assertThat(RawIpv6Host.read(socket, received, 1)).isEqualTo(1);
            byte[] whole = Packets.ipv6(Packets.GRE, RawIpv6Host.OURS, RawIpv6Host.THEIRS, payload);
            assertThat(Packets.bytes(received, 0)).isEqualTo(whole);
        }
    }

    /** RFC 8200 §4.5. */
    private static byte[] fragment(int offsetBytes, boolean moreFollow, byte[] part) {
        ByteBuffer payload = ByteBuffer.allocate(8 + part.length);
        payload.put((byte) Packets.GRE).put((byte) 0);
        payload.putShort((short) (offsetBytes | (moreFollow ? 1 : 0))).putInt(0x1234_5678);
        payload.put(part);
        return Packets.ipv6(FRAGMENT, RawIpv6Host.OURS, RawIpv6Host.THEIRS, payload.array());
    }

    @Test
    void aPacketLongerThanASlotIsCutOffAndItsHeaderStillSaysHowLongItWas() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch received = Packets.batch(2, 2048);
            byte[] tooLong =
                    Packets.ipv6(Packets.GRE, RawIpv6Host.OURS, RawIpv6Host.THEIRS, new byte[4000]);
            socket.writeBatch(RawIpv6Host.batchOf(tooLong, RawIpv6Host.gre("whole")), 0);

            assertThat(RawIpv6Host.read(socket, received, 2)).isEqualTo(2);

            assertThat(Packets.bytes(received, 0)).isEqualTo(Arrays.copyOf(tooLong, 40 + 2048));
            Ipv6Header header = new Ipv6Header().wrap(received.memory(), received.start(0));
            assertThat(header.isValid(received.lengthBytes(0))).isFalse();
            assertThat(Packets.bytes(received, 1)).isEqualTo(RawIpv6Host.gre("whole"));
        }
    }

    @Test
    void onlyLivePacketsOfTheProtocolAndTheVersionArrive() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS);
                RawIpSocket overIpv4 =
                        host.open(OuterProtocol.overIpv4(Packets.GRE), RawIpOptions.DEFAULTS);
                RawIpSocket other =
                        host.open(
                                OuterProtocol.overIpv6(Packets.EXPERIMENTAL),
                                RawIpOptions.DEFAULTS)) {
            byte[] others =
                    Packets.ipv6(
                            Packets.EXPERIMENTAL, RawIpv6Host.OURS, RawIpv6Host.THEIRS, "other");
            PacketBatch sent =
                    RawIpv6Host.batchOf(
                            RawIpv6Host.gre("dropped"),
                            RawIpv6Host.gre("replaced"),
                            others,
                            RawIpv6Host.gre("live"));
            sent.drop(0, DropReason.TOO_BIG);
            sent.replace(1, PacketBatch.Replacement.FRAGMENTS);
            PacketBatch received = Packets.batch(4);
            PacketBatch otherReceived = Packets.batch(4);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(4);

            assertThat(RawIpv6Host.read(socket, received, 1)).isEqualTo(1);
            assertThat(Packets.bytes(received, 0)).isEqualTo(RawIpv6Host.gre("live"));
            assertThat(RawIpv6Host.read(other, otherReceived, 1)).isEqualTo(1);
            assertThat(Packets.bytes(otherReceived, 0)).isEqualTo(others);
            assertThat(overIpv4.readBatch(Packets.batch(4))).isZero();
        }
    }

    @Test
    void theArrivalLinkIsRecordedWhenAskedFor() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch sent = RawIpv6Host.batchOf(RawIpv6Host.gre("1"), RawIpv6Host.gre("2"));
            PacketBatch received = Packets.batch(4);
            for (int i = 0; i < 2; i++) {
                socket.writeBatch(sent, 0);
                assertThat(RawIpv6Host.read(socket, received, 2)).isEqualTo(2);
            }
            for (int i = 0; i < 4; i++) {
                assertThat(received.link(i)).isEqualTo(RawIpHost.LOOPBACK_INDEX);
            }
        }
    }

    @Test
    void aTunnelsLinkWinsOverTheRoutes() throws Exception {
        try (NetworkNamespace peer = NetworkNamespace.create("peer")) {
            for (String link : new String[] {"eth0", "eth1"}) {
                NetworkNamespace.connect(host.namespace(), link, peer, link);
                // Known neighbours: nothing waits for their discovery, so what is sent has arrived.
                String mac = peer.run("cat /sys/class/net/" + link + "/address").stdout().strip();
                host.namespace()
                        .run("ip neigh replace 2001:db8:1::2 lladdr " + mac + " dev " + link);
            }
            host.namespace().address("eth0", "2001:db8:1::1/64");
            host.namespace().address("eth1", "2001:db8:2::1/64");
            host.namespace().run("ip route add 2001:db8:1::/64 dev eth1 metric 5000");
            peer.address("eth0", "2001:db8:1::2/64");
            try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS);
                    RawIpSocket theirs =
                            NamespaceThread.call(
                                    peer,
                                    () ->
                                            RawIpSocket.open(
                                                    RawIpv6Host.GRE,
                                                    RawIpOptions.DEFAULTS.recordingLink()))) {
                byte[] packet = Packets.ipv6(Packets.GRE, "2001:db8:1::1", "2001:db8:1::2", "x");
                PacketBatch sent = RawIpv6Host.batchOf(packet, packet, packet, packet);
                sent.tunnel(0, 0);
                sent.tunnel(1, 1);
                sent.tunnel(3, 3);
                socket.boundLink(1, RawIpHost.index(host.namespace(), "eth1"));
                socket.boundLink(3, RawIpHost.LOOPBACK_INDEX);

                assertThat(socket.writeBatch(sent, 0)).isEqualTo(4);

                assertThat(RawIpHost.reasons(sent))
                        .as("no route by the last one's link")
                        .containsExactly(null, null, null, DropReason.NO_ROUTE);
                PacketBatch received = Packets.batch(3);
                assertThat(RawIpv6Host.read(theirs, received, 3)).isEqualTo(3);
                assertThat(new int[] {received.link(0), received.link(1), received.link(2)})
                        .containsExactlyInAnyOrder(
                                RawIpHost.index(peer, "eth0"),
                                RawIpHost.index(peer, "eth1"),
                                RawIpHost.index(peer, "eth0"));
            }
        }
    }

    @Test
    void aLinkLocalRemoteIsReachedByTheTunnelsLink() throws Exception {
        try (NetworkNamespace peer = NetworkNamespace.create("peer")) {
            for (String link : new String[] {"eth0", "eth1"}) {
                NetworkNamespace.connect(host.namespace(), link, peer, link);
                host.namespace().address(link, "fe80::1/64");
                peer.address(link, "fe80::2/64");
                String mac = peer.run("cat /sys/class/net/" + link + "/address").stdout().strip();
                host.namespace().run("ip neigh replace fe80::2 lladdr " + mac + " dev " + link);
            }
            try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS);
                    RawIpSocket theirs =
                            NamespaceThread.call(
                                    peer,
                                    () ->
                                            RawIpSocket.open(
                                                    RawIpv6Host.GRE,
                                                    RawIpOptions.DEFAULTS.recordingLink()))) {
                byte[] packet = Packets.ipv6(Packets.GRE, "fe80::1", "fe80::2", "x");
                PacketBatch sent = RawIpv6Host.batchOf(packet, packet);
                sent.tunnel(0, 0);
                sent.tunnel(1, 1);
                socket.boundLink(0, RawIpHost.index(host.namespace(), "eth0"));
                socket.boundLink(1, RawIpHost.index(host.namespace(), "eth1"));

                assertThat(socket.writeBatch(sent, 0)).isEqualTo(2);

                assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
                PacketBatch received = Packets.batch(2);
                assertThat(RawIpv6Host.read(theirs, received, 2)).isEqualTo(2);
                assertThat(new int[] {received.link(0), received.link(1)})
                        .containsExactlyInAnyOrder(
                                RawIpHost.index(peer, "eth0"), RawIpHost.index(peer, "eth1"));
                assertThat(Packets.bytes(received, 0)).isEqualTo(packet);
            }
        }
    }

    @Test
    void theKernelFillsNoSource() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            byte[] packet = Packets.ipv6(Packets.GRE, "::", RawIpv6Host.THEIRS, "x");
            PacketBatch received = Packets.batch(1);
            assertThat(socket.writeBatch(RawIpv6Host.batchOf(packet), 0)).isEqualTo(1);
            assertThat(RawIpv6Host.read(socket, received, 1)).isEqualTo(1);
            assertThat(Packets.bytes(received, 0)).isEqualTo(packet);
        }
    }

    @Test
    void aTailIsSentBehindTheBytesInTheSlot() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch source =
                    RawIpv6Host.batchOf("first second".getBytes(StandardCharsets.US_ASCII));
            PacketBatch sent = RawIpv6Host.batchOf(head("1:", 5), head("none", 0), head("2:", 6));
            sent.tailSource(source);
            sent.tail(0, source.start(0), 5);
            sent.tail(2, source.start(0) + 6, 6);
            sent.tunnel(2, 0);
            socket.boundLink(0, RawIpHost.LOOPBACK_INDEX);
            PacketBatch received = Packets.batch(4);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(3);
            assertThat(RawIpv6Host.read(socket, received, 3)).isEqualTo(3);

            assertThat(Packets.bytes(received, 0)).isEqualTo(RawIpv6Host.gre("1:first"));
            assertThat(Packets.bytes(received, 1)).isEqualTo(RawIpv6Host.gre("none"));
            assertThat(Packets.bytes(received, 2)).isEqualTo(RawIpv6Host.gre("2:second"));
            assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
        }
    }

    /** The beginning of a packet whose length counts its tail too. */
    private static byte[] head(String payload, int tailBytes) {
        byte[] packet = RawIpv6Host.gre(payload);
        packet[5] += (byte) tailBytes;
        return packet;
    }

    @Test
    void whatCannotBeSentIsDroppedForItsReasonAndTheRestGoes() throws Exception {
        host.namespace().run("ip link set lo mtu 1500");
        host.namespace().run("ip route add prohibit 2001:db8:9::1");
        host.namespace().run("ip route add unreachable 2001:db8:9::2");
        host.namespace().run("ip route add blackhole 2001:db8:9::3");
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent =
                    RawIpv6Host.batchOf(
                            RawIpv6Host.gre("first"),
                            RawIpv6Host.greTo("2001:db8:8::1"),
                            RawIpv6Host.greTo("2001:db8:9::1"),
                            RawIpv6Host.greTo("2001:db8:9::2"),
                            RawIpv6Host.gre("middle"),
                            RawIpv6Host.greTo("2001:db8:9::3"),
                            RawIpv6Host.gre("x".repeat(1461)),
                            RawIpv6Host.gre("by a link that is not"),
                            RawIpv6Host.gre("last"));
            sent.tunnel(7, 5);
            socket.boundLink(5, 12_345);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(9);

            assertThat(RawIpHost.reasons(sent))
                    .containsExactly(
                            null,
                            DropReason.NO_ROUTE,
                            DropReason.NO_ROUTE,
                            DropReason.NO_ROUTE,
                            null,
                            DropReason.UNDERLAY_REFUSED,
                            DropReason.UNDERLAY_TOO_BIG,
                            DropReason.UNDERLAY_DOWN,
                            null);
            PacketBatch received = Packets.batch(9);
            assertThat(RawIpv6Host.read(socket, received, 3)).isEqualTo(3);
            assertThat(Packets.bytes(received, 0)).isEqualTo(RawIpv6Host.gre("first"));
            assertThat(Packets.bytes(received, 1)).isEqualTo(RawIpv6Host.gre("middle"));
            assertThat(Packets.bytes(received, 2)).isEqualTo(RawIpv6Host.gre("last"));
        }
    }

    @Test
    @NeedsRoot(programs = "nft")
    void aFirewallThatForbidsSendingTheProtocolIsToldApart() throws Exception {
        host.namespace().run("nft add table ip6 t");
        host.namespace().exec("nft", "add chain ip6 t o { type filter hook output priority 0; }");
        host.namespace().run("nft add rule ip6 t o meta l4proto gre drop");
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = RawIpv6Host.batchOf(RawIpv6Host.gre("x"));
            assertThat(socket.writeBatch(sent, 0)).isEqualTo(1);
            assertThat(sent.dropReason(0)).isEqualTo(DropReason.UNDERLAY_FORBIDDEN);
            assertThat(socket.readBatch(Packets.batch(1))).isZero();
        }
    }

    @Test
    void anIpsecPolicyThatRefusesTheProtocolIsObeyed() throws Exception {
        NetworkNamespace namespace = host.namespace();
        assumeTrue(
                namespace.attempt("ip", "xfrm", "policy").succeeded(),
                "this kernel has no IPsec at all");
        namespace.run("ip link add eth0 type veth peer name eth1");
        namespace.run("ip link set eth1 up");
        namespace.run("ip link set eth0 up");
        namespace.address("eth0", "2001:db8:1::1/64");
        namespace.run("ip xfrm policy add src ::/0 dst ::/0 proto gre dir out action block");
        try (RawIpSocket gre = host.open(RawIpOptions.DEFAULTS);
                RawIpSocket ipip = host.open(OuterProtocol.overIpv6(4), RawIpOptions.DEFAULTS)) {
            PacketBatch refused = RawIpv6Host.batchOf(RawIpv6Host.greTo("2001:db8:1::2"));
            assertThat(gre.writeBatch(refused, 0)).isEqualTo(1);
            assertThat(RawIpHost.reasons(refused)).containsOnly(DropReason.UNDERLAY_FORBIDDEN);

            PacketBatch sent =
                    RawIpv6Host.batchOf(
                            Packets.ipv6(4, "2001:db8:1::1", "2001:db8:1::2", "another's"));
            assertThat(ipip.writeBatch(sent, 0)).isEqualTo(1);
            assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
        }
    }

    @Test
    void whatDoesNotFitTheReceiveBufferIsCounted() throws Exception {
        try (RawIpSocket socket = host.open(new RawIpOptions(1 << 16, 1 << 20, false, 256))) {
            PacketBatch sent = Packets.batch(250);
            while (!sent.isFull()) {
                Packets.append(sent, RawIpv6Host.gre("x"));
            }
            for (int i = 0; i < 4; i++) {
                assertThat(socket.writeBatch(sent, 0)).isEqualTo(250);
            }
            int received = 0;
            int count;
            do {
                count = socket.readBatch(Packets.batch(256));
                received += count;
            } while (count > 0);

            assertThat(received).isBetween(1, 999);
            assertThat(socket.receiveDrops()).isEqualTo(1000 - received);
        }
    }

    @Test
    void lanesShareThePacketsByTheirInnerFlows() throws Exception {
        int lanes = 3;
        List<RawIpSocket> sockets = new ArrayList<>();
        try (RawIpSocket sender =
                NamespaceThread.call(
                        host.namespace(),
                        () -> RawIpSocket.openForSending(RawIpv6Host.GRE, RawIpOptions.DEFAULTS))) {
            for (int lane = 0; lane < lanes; lane++) {
                FlowSplit split = new FlowSplit(lane, lanes);
                sockets.add(
                        NamespaceThread.call(
                                host.namespace(),
                                () ->
                                        RawIpSocket.open(
                                                RawIpv6Host.GRE, RawIpOptions.DEFAULTS, split)));
            }
            PacketBatch sent = Packets.batch(120);
            for (int flow = 0; flow < 60; flow++) {
                byte[] gre = greOfFlow(flow);
                Packets.append(
                        sent, Packets.ipv6(Packets.GRE, RawIpv6Host.OURS, RawIpv6Host.THEIRS, gre));
                byte[] limited = ByteBuffer.allocate(8 + gre.length).put(LIMIT).put(gre).array();
                Packets.append(
                        sent,
                        Packets.ipv6(
                                DESTINATION_OPTIONS,
                                RawIpv6Host.OURS,
                                RawIpv6Host.THEIRS,
                                limited));
            }
            assertThat(sender.writeBatch(sent, 0)).isEqualTo(120);
            assertThat(sender.readBatch(Packets.batch(128))).isZero();

            List<PacketBatch> batches = new ArrayList<>();
            sockets.forEach(socket -> batches.add(Packets.batch(128)));
            int received = 0;
            while (received < 120) { // whatever is lost ends the test by its timeout
                for (int lane = 0; lane < lanes; lane++) {
                    received += sockets.get(lane).readBatch(batches.get(lane));
                }
            }
            for (int lane = 0; lane < lanes; lane++) {
                PacketBatch batch = batches.get(lane);
                int count = batch.size();
                assertThat(sockets.get(lane).readBatch(batch)).isZero();
                assertThat(count).as("packets of lane %d", lane).isBetween(12, 80);
                FlowSplit split = new FlowSplit(lane, lanes);
                for (int slot = 0; slot < count; slot++) {
                    byte[] packet = Packets.bytes(batch, slot);
                    BpfMachine filter = new BpfMachine(split.filter(RawIpv6Host.GRE));
                    assertThat(filter.run(Arrays.copyOfRange(packet, 40, packet.length)))
                            .as("what the lane's filter says of it")
                            .isPositive();
                }
            }
            assertThat(received).isEqualTo(120);
        } finally {
            sockets.forEach(RawIpSocket::close);
        }
    }

    private static byte[] greOfFlow(int flow) {
        byte[] tcp =
                ByteBuffer.allocate(20)
                        .putShort((short) (0x9c40 + 2 * flow))
                        .putShort((short) 5201)
                        .array();
        byte[] inner = Packets.ipv4(6, "198.51.100.1", "198.51.100.2", tcp);
        return ByteBuffer.allocate(4 + inner.length).putInt(0x0000_0800).put(inner).array();
    }

    @Test
    void sendingAndReceivingAllocateNothing() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch source = RawIpv6Host.batchOf(new byte[100]);
            PacketBatch sent =
                    RawIpv6Host.batchOf(
                            RawIpv6Host.gre("one"),
                            RawIpv6Host.greTo("2001:db8:8::1"),
                            head("with a tail", 100),
                            RawIpv6Host.gre("by a link"));
            sent.tailSource(source);
            sent.tail(2, source.start(0), 100);
            sent.tunnel(3, 0);
            socket.boundLink(0, RawIpHost.LOOPBACK_INDEX);
            PacketBatch full = Packets.batch(1);
            PacketBatch received = Packets.batch(8);
            long bytes =
                    Allocation.bytesOf(
                            () -> {
                                socket.writeBatch(sent, 0);
                                received.clear();
                                socket.readBatch(received);
                                socket.readBatch(full);
                                socket.receiveDrops();
                            });
            assertThat(bytes).isZero();
            assertThat(received.size()).isEqualTo(3);
            assertThat(Packets.bytes(received, 2)).isEqualTo(RawIpv6Host.gre("by a link"));
            assertThat(sent.dropReason(1)).isEqualTo(DropReason.NO_ROUTE);
        }
    }
}
