package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is agreed with a real TUN driver about offload, and what a persistent device keeps. */
@NeedsRoot(programs = "ethtool")
class TunQueueTest {
    /** Flags that no kernel has, so that wishes fail as they do on one that is older. */
    private static final int NOT_TO_BE_HAD = 0x0800_0000;

    private static final int TSO4_ALONE = TunOffloads.TUN_F_CSUM | TunOffloads.TUN_F_TSO4;

    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("offload");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private TunQueue open(Offload choice) throws Exception {
        return NamespaceThread.call(host, () -> TunQueue.open("tun0", choice));
    }

    private String features() {
        return host.run("ethtool -k tun0").stdout();
    }

    @Test
    void aNewKernelHasAllOffloads() throws Exception {
        for (Offload choice : new Offload[] {Offload.AUTO, Offload.ON}) {
            TunQueue queue = open(choice);
            assertThat(queue.offloads()).isEqualTo(new TunOffloads(true, true, true, true, ""));
            assertThat(queue.offloads().words()).isEqualTo("tso4 tso6 uso");
            assertThat(features())
                    .contains("tx-tcp-segmentation: on", "tx-tcp6-segmentation: on")
                    .contains("tx-tcp-ecn-segmentation: on", "tx-udp-segmentation: on");
            queue.close();
        }
    }

    @Test
    void whatIsSwitchedOffIsNotAskedFor() throws Exception {
        TunQueue queue = open(Offload.OFF);
        assertThat(queue.offloads().isOn()).isFalse();
        assertThat(queue.offloads().words()).isEqualTo("none");
        assertThat(queue.offloads().reason()).isEqualTo("it is switched off");
        assertThat(features())
                .contains("tx-checksumming: off", "tcp-segmentation-offload: off")
                .contains("tx-udp-segmentation: off");
        queue.close();
    }

    @Test
    void whatTheKernelDoesNotHaveIsLeftOut() throws Exception {
        int[] wishes = {NOT_TO_BE_HAD | TSO4_ALONE, TSO4_ALONE};
        TunQueue queue =
                NamespaceThread.call(
                        host,
                        () -> TunQueue.openWithOffloadOrPlain("tun0", wishes, TunQueue.IFF_TUN));
        assertThat(queue.offloads().words()).isEqualTo("tso4");
        assertThat(queue.offloads().reason())
                .isEqualTo("this kernel's TUN driver does not have the rest");
        assertThat(features()).contains("tx-tcp-segmentation: on", "tx-tcp6-segmentation: off");
        queue.close();
    }

    @Test
    void withoutAnyOffloadTheDeviceIsOpenedPlainAndToldWhy() throws Exception {
        int[] wishes = {NOT_TO_BE_HAD};
        TunQueue queue =
                NamespaceThread.call(
                        host,
                        () -> TunQueue.openWithOffloadOrPlain("tun0", wishes, TunQueue.IFF_TUN));
        assertThat(queue.offloads().isOn()).isFalse();
        assertThat(queue.offloads().reason())
                .isEqualTo("cannot set TUNSETOFFLOAD: EINVAL (22): invalid argument");
        assertThat(features()).contains("tcp-segmentation-offload: off");
        queue.close();
    }

    @Test
    void whereItIsAMustItsLackIsAnError() {
        assertThatThrownBy(
                        () ->
                                NamespaceThread.call(
                                        host,
                                        () ->
                                                TunQueue.openWithOffload(
                                                        "tun0",
                                                        new int[] {NOT_TO_BE_HAD},
                                                        TunQueue.IFF_TUN)))
                .isInstanceOf(LinuxException.class)
                .hasMessage("cannot set TUNSETOFFLOAD: EINVAL (22): invalid argument");
        assertThat(host.run("ip -o link").stdout()).doesNotContain("tun0");
    }

    @Test
    void whatHasNothingToDoWithOffloadIsToldAsWithoutIt() throws Exception {
        TunQueue holder = open(Offload.AUTO);
        assertThatThrownBy(() -> open(Offload.AUTO))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                .hasMessageContaining("cannot attach to tun0");
        holder.close();
    }

    @Test
    void aPersistentDeviceMadeWithoutOffloadTakesIt() throws Exception {
        host.run("ip tuntap add tun0 mode tun");
        TunQueue queue = open(Offload.AUTO);
        assertThat(queue.offloads().words()).isEqualTo("tso4 tso6 uso");
        queue.close();

        assertThat(features()).contains("tcp-segmentation-offload: off", "tx-checksumming: off");
    }

    @Test
    void whatAHolderLeftOnAPersistentDeviceIsTakenBack() throws Exception {
        host.run("ip tuntap add tun0 mode tun");
        LibC.close(open(Offload.ON).fd());
        assertThat(features()).contains("tcp-segmentation-offload: on");

        TunQueue queue = open(Offload.OFF);
        assertThat(features()).contains("tcp-segmentation-offload: off", "tx-checksumming: off");
        queue.close();
    }
}
