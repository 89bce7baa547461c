package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Why the kernel refuses, from what /proc showed in each case on Linux 6.18. */
class CapabilityTest {
    private static final String FIRST = "         0          0 4294967295\n";
    private static final String UNSHARED = "         0          0          1\n";
    private static final String ALL = "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n";
    private static final String DOCKER = "Uid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\n";
    private static final String NOBODY = "Uid:\t65534\t65534\t65534\t65534\nCapEff:\t0\n";

    @Test
    void aUserWithoutIsToldToBeRoot() {
        assertThat(Capability.NET_RAW.hint(NOBODY, FIRST))
                .isEqualTo(
                        "it takes CAP_NET_RAW: run as root, or give a container --cap-add NET_RAW");
    }

    @Test
    void rootOfAContainerIsNotToldToBeRoot() {
        assertThat(Capability.NET_ADMIN.hint(DOCKER, FIRST))
                .isEqualTo(
                        "it takes CAP_NET_ADMIN, which root lacks here: give a container --cap-add"
                                + " NET_ADMIN");
    }

    @Test
    void rootOfAUserNamespaceIsToldWhoseRightIsMissing() {
        assertThat(Capability.NET_ADMIN.hint(ALL, UNSHARED))
                .startsWith(
                        "this process has CAP_NET_ADMIN in a user namespace, which does not own")
                .contains("run as root of the host", "unshare --map-root-user --net");
    }

    @Test
    void whoHasItAndIsRefusedIsToldOfSomebodyElse() {
        assertThat(Capability.NET_ADMIN.hint(ALL, FIRST))
                .isEqualTo(
                        "this process has CAP_NET_ADMIN: something else forbids it, such as a security module");
    }

    @Test
    void withoutProcItSaysWhatIsTakenAndNoMore() {
        assertThat(Capability.NET_RAW.hint("", ""))
                .isEqualTo(
                        "it takes CAP_NET_RAW: run as root, or give a container --cap-add NET_RAW");
    }
}
