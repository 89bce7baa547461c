package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.packet.DropReason;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import io.culvert.testing.Seeds;
import io.culvert.testing.Specs;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TunnelTableTest {
    private static final int ANY = 0;
    private static final int US = 0xc000_0201;
    private static final int PEER = 0xc633_6401;
    private static final int STRANGER = 0xcb00_7101;

    private final List<TunnelEndpoint> tunnels = new ArrayList<>();

    private TunnelEndpoint add(TunnelSpecBuilder spec, int link) {
        if (link != 0) {
            spec.link("eth" + link);
        }
        TunnelEndpoint tunnel = new TunnelEndpoint(spec.build(), tunnels.size(), link);
        tunnels.add(tunnel);
        return tunnel;
    }

    private TunnelEndpoint add(TunnelMode mode, int remote, int local) {
        return add(spec(mode, remote, local), 0);
    }

    private static TunnelSpecBuilder spec(TunnelMode mode, int remote, int local) {
        return TunnelSpec.builder("tun", mode)
                .remote(remote == ANY ? null : Specs.address(remote))
                .local(local == ANY ? null : Specs.address(local));
    }

    private static TunnelSpecBuilder gre() {
        return spec(TunnelMode.GRE, PEER, US);
    }

    private TunnelTable table() {
        return new TunnelTable(tunnels);
    }

    @Test
    void theMoreOfItsAddressesATunnelNamesTheSoonerItTakesAPacket() {
        TunnelEndpoint neither = add(TunnelMode.GRE, ANY, ANY);
        TunnelEndpoint local = add(TunnelMode.GRE, ANY, US);
        TunnelEndpoint remote = add(TunnelMode.GRE, PEER, ANY);
        TunnelEndpoint both = add(TunnelMode.GRE, PEER, US);
        TunnelTable table = table();
        assertThat(table.gre(PEER, US, false, 0, 0)).isSameAs(both);
        assertThat(table.gre(PEER, STRANGER, false, 0, 0)).isSameAs(remote);
        assertThat(table.gre(STRANGER, US, false, 0, 0)).isSameAs(local);
        assertThat(table.gre(STRANGER, STRANGER, false, 0, 0)).isSameAs(neither);
        assertThat(table.size()).isEqualTo(4);
        assertThat(table.hasLinks()).isFalse();
    }

    @Test
    void aTunnelBoundToTheArrivingLinkGoesBeforeAMoreSpecificOneBoundToNone() {
        TunnelEndpoint unbound = add(TunnelMode.GRE, PEER, US);
        TunnelEndpoint bound = add(spec(TunnelMode.GRE, PEER, ANY), 2);
        TunnelTable table = table();
        assertThat(table.hasLinks()).isTrue();
        assertThat(table.gre(PEER, US, false, 0, 2)).isSameAs(bound);
        assertThat(table.gre(PEER, US, false, 0, 3)).isSameAs(unbound);
        assertThat(table.gre(PEER, US, false, 0, 0)).isSameAs(unbound);
    }

    @Test
    void aTunnelBoundToAnotherLinkTakesNothingAndThatIsTheReason() {
        add(gre().key(9), 2);
        TunnelEndpoint bound = add(gre(), 2);
        add(gre().key(8), 0);
        TunnelTable table = table();
        assertThat(table.gre(PEER, US, false, 0, 3)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.OTHER_LINK);
        assertThat(table.nearest()).isSameAs(bound);
        assertThat(table.gre(STRANGER, US, false, 0, 2)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.NO_TUNNEL);
        assertThat(table.nearest()).isNull();
    }

    @Test
    void aTunnelWhoseLinkIsNotThereTakesNothingUntilItIsBound() {
        TunnelEndpoint bound = add(gre(), 2);
        bound.linkIndex(TunnelEndpoint.NO_LINK);
        for (int link = 0; link < 4; link++) {
            assertThat(table().gre(PEER, US, false, 0, link)).isNull();
            assertThat(table().hasLinks()).isTrue();
        }
        bound.linkIndex(3);
        assertThat(table().gre(PEER, US, false, 0, 3)).isSameAs(bound);
        assertThat(table().gre(PEER, US, false, 0, 2)).isNull();
    }

    @Test
    void keysMustAgreeInPresenceAndValueAndKeyZeroIsAKey() {
        TunnelEndpoint plain = add(gre(), 0);
        TunnelEndpoint zero = add(gre().key(0), 0);
        TunnelEndpoint seven = add(gre().key(7), 0);
        TunnelTable table = table();
        assertThat(table.gre(PEER, US, false, 0, 0)).isSameAs(plain);
        assertThat(table.gre(PEER, US, true, 0, 0)).isSameAs(zero);
        assertThat(table.gre(PEER, US, true, 7, 0)).isSameAs(seven);
        assertThat(table.gre(PEER, US, true, 8, 0)).isNull();
    }

    @Test
    void onlyTheInputKeyDecides() {
        TunnelEndpoint tunnel = add(gre().inputKey(1).outputKey(2), 0);
        TunnelTable table = table();
        assertThat(table.gre(PEER, US, true, 1, 0)).isSameAs(tunnel);
        assertThat(table.gre(PEER, US, true, 2, 0)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.KEY_MISMATCH);
        assertThat(table.nearest()).isSameAs(tunnel);
    }

    @Test
    void aTunnelThatIsDownIsPassedOverForALessSpecificOne() {
        TunnelEndpoint exact = add(TunnelMode.GRE, PEER, US);
        TunnelEndpoint remote = add(TunnelMode.GRE, PEER, ANY);
        TunnelTable table = table();
        exact.up(false);
        assertThat(table.gre(PEER, US, false, 0, 0)).isSameAs(remote);
        remote.up(false);
        assertThat(table.gre(PEER, US, false, 0, 0)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.TUNNEL_DOWN);
        assertThat(table.nearest()).isSameAs(exact);
        exact.up(true);
        assertThat(table.gre(PEER, US, false, 0, 0)).isSameAs(exact);
    }

    @Test
    void beingDownExplainsMoreThanAnotherTunnelsKey() {
        TunnelEndpoint down = add(gre().key(1), 0);
        add(gre().key(2), 0);
        down.up(false);
        TunnelTable table = table();
        assertThat(table.gre(PEER, US, true, 1, 0)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.TUNNEL_DOWN);
        assertThat(table.nearest()).isSameAs(down);
    }

    @Test
    void protocol4GoesToIpipBeforeSitAndProtocol41ToSitAlone() {
        TunnelEndpoint sit = add(TunnelMode.SIT, PEER, US);
        TunnelEndpoint ipip = add(TunnelMode.IPIP, PEER, US);
        TunnelTable table = table();
        assertThat(table.ip(PEER, US, false, 0)).isSameAs(ipip);
        assertThat(table.ip(PEER, US, true, 0)).isSameAs(sit);
        assertThat(table.gre(PEER, US, false, 0, 0)).isNull();
    }

    @Test
    void anIpipTunnelThatIsDownLeavesProtocol4ToSit() {
        TunnelEndpoint ipip = add(TunnelMode.IPIP, PEER, US);
        TunnelEndpoint sit = add(spec(TunnelMode.SIT, PEER, US).payload(Payload.IP), 0);
        ipip.up(false);
        TunnelTable table = table();
        assertThat(table.ip(PEER, US, false, 0)).isSameAs(sit);
        sit.up(false);
        assertThat(table.ip(PEER, US, false, 0)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.TUNNEL_DOWN);
        assertThat(table.nearest()).isSameAs(ipip);
        assertThat(table.ip(STRANGER, US, false, 0)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.NO_TUNNEL);
        assertThat(table.nearest()).isNull();
    }

    @Test
    void twinsAreRefusedByName() {
        add(gre().key(7), 0);
        tunnels.add(
                new TunnelEndpoint(
                        TunnelSpec.builder("other", TunnelMode.GRE)
                                .remote(Specs.address(PEER))
                                .local(Specs.address(US))
                                .key(7)
                                .build(),
                        1,
                        0));
        assertThatThrownBy(this::table)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tun and other have the same mode, addresses and key");
    }

    @Test
    void whatDiffersInModeAddressKeyOrLinkIsNoTwin() {
        add(gre(), 0);
        add(gre().key(0), 0);
        add(gre(), 2);
        add(TunnelMode.IPIP, PEER, US);
        add(TunnelMode.SIT, PEER, US);
        add(TunnelMode.GRE, PEER, ANY);
        add(TunnelMode.GRE, ANY, US);
        assertThat(table().size()).isEqualTo(7);
    }

    @Test
    void theSenderOfAnOuterPacketIsFoundByWhatItSends() {
        TunnelEndpoint keyed = add(gre().inputKey(1).outputKey(2), 0);
        TunnelEndpoint anywhere = add(spec(TunnelMode.GRE, PEER, ANY), 0);
        TunnelEndpoint ipip = add(TunnelMode.IPIP, PEER, US);
        TunnelTable table = table();
        assertThat(table.sender(TunnelTable.GRE, US, PEER, true, 2)).isSameAs(keyed);
        assertThat(table.sender(TunnelTable.GRE, US, PEER, true, 1)).isNull();
        assertThat(table.sender(TunnelTable.GRE, US, PEER, false, 0)).isSameAs(anywhere);
        assertThat(table.sender(TunnelTable.GRE, STRANGER, PEER, false, 0)).isSameAs(anywhere);
        assertThat(table.sender(TunnelTable.GRE, PEER, US, false, 0)).isNull();
        assertThat(table.sender(TunnelTable.DIRECT_IPV4, US, PEER, false, 0)).isSameAs(ipip);
        assertThat(table.sender(TunnelTable.DIRECT, US, PEER, false, 0)).isNull();
    }

    @Test
    void tenThousandTunnelsAreToldApart() {
        for (int i = 0; i < 10_000; i++) {
            int peer = PEER + (i % 100 << 8);
            add(spec(TunnelMode.GRE, peer, US).key(i / 100), 0);
        }
        TunnelTable table = table();
        for (int i = 0; i < 10_000; i++) {
            int peer = PEER + (i % 100 << 8);
            assertThat(table.gre(peer, US, true, i / 100, 0)).isSameAs(tunnels.get(i));
            assertThat(table.sender(TunnelTable.GRE, US, peer, true, i / 100))
                    .isSameAs(tunnels.get(i));
        }
        assertThat(table.gre(PEER, US, true, 100, 0)).isNull();
        assertThat(table.missReason()).isEqualTo(DropReason.KEY_MISMATCH);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void lookingUpIsReadingTheKernelsListFromTheTop(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            tunnels.clear();
            fill(random, random.nextInt(201));
            TunnelTable table = table();
            for (int packet = 0; packet < 200; packet++) {
                int source = address(random);
                int destination = address(random);
                boolean hasKey = random.nextBoolean();
                int key = hasKey ? random.nextInt(3) : 0;
                int link = random.nextInt(4);
                assertThat(table.gre(source, destination, hasKey, key, link))
                        .isSameAs(scan(TunnelMode.GRE, source, destination, hasKey, key, link));
                TunnelEndpoint ipip = scan(TunnelMode.IPIP, source, destination, false, 0, link);
                TunnelEndpoint sit = scan(TunnelMode.SIT, source, destination, false, 0, link);
                assertThat(table.ip(source, destination, false, link))
                        .isSameAs(ipip != null ? ipip : sit);
                assertThat(table.ip(source, destination, true, link)).isSameAs(sit);
            }
        }
    }

    /** Few values of everything, so that many tunnels could take a packet. */
    private void fill(Random random, int count) {
        for (int i = 0; i < count; i++) {
            TunnelMode mode = TunnelMode.values()[random.nextInt(3)];
            int remote = random.nextInt(3) == 0 ? ANY : address(random);
            int local = random.nextInt(3) == 0 ? ANY : address(random);
            if (remote == local && remote != ANY) {
                continue;
            }
            TunnelSpecBuilder spec = spec(mode, remote, local);
            if (mode == TunnelMode.GRE && random.nextBoolean()) {
                spec.inputKey(random.nextInt(3));
            }
            TunnelEndpoint tunnel = add(spec, random.nextInt(4));
            tunnel.up(random.nextInt(4) > 0);
            if (tunnels.stream().anyMatch(other -> other != tunnel && other.isTwinOf(tunnel))) {
                tunnels.remove(tunnel);
            }
        }
    }

    private static int address(Random random) {
        return PEER + random.nextInt(4);
    }

    /** Four passes, each over all tunnels: one on the arriving link returns, one on none waits. */
    private TunnelEndpoint scan(
            TunnelMode mode, int source, int destination, boolean hasKey, int key, int link) {
        TunnelEndpoint candidate = null;
        for (int pass = 1; pass <= 4; pass++) {
            for (TunnelEndpoint tunnel : tunnels) {
                TunnelSpec spec = tunnel.spec();
                boolean hasRemote = spec.remote() != null;
                boolean hasLocal = spec.local() != null;
                boolean isOfPass =
                        switch (pass) {
                            case 1 -> hasRemote && hasLocal;
                            case 2 -> hasRemote && !hasLocal;
                            case 3 -> !hasRemote && hasLocal;
                            default -> !hasRemote && !hasLocal;
                        };
                OptionalInt packetKey = hasKey ? OptionalInt.of(key) : OptionalInt.empty();
                if (!isOfPass
                        || TunnelMode.of(spec) != mode
                        || !tunnel.isUp()
                        || hasRemote && !spec.remote().equals(Specs.address(source))
                        || hasLocal && !spec.local().equals(Specs.address(destination))
                        || !spec.gre().inputKey().equals(packetKey)) {
                    continue;
                }
                if (tunnel.linkIndex() != 0 && tunnel.linkIndex() == link) {
                    return tunnel;
                }
                if (tunnel.linkIndex() == 0 && candidate == null) {
                    candidate = tunnel;
                }
            }
        }
        return candidate;
    }
}
