package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many packets may wait in a tunnel's device. */
@NeedsRoot
@Timeout(60)
class DeviceQueueTest {
    @Test
    void aNewDeviceHasALongerQueueThanTunDevicesAndOneThatWasThereKeepsItsOwn() {
        try (Cable cable = new Cable()) {
            NetworkNamespace left = cable.left();
            left.run("ip tuntap add dev kept mode tun");
            left.run("ip link set kept txqueuelen 77");
            CulvertProcess culvert =
                    CulvertProcess.startFile(
                            left,
                            List.of(
                                    "made mode gre remote 192.0.2.2",
                                    "kept mode ipip remote 192.0.2.3"));
            culvert.awaitUp();

            assertThat(left.run("ip link show made").stdout()).contains("qlen 2000");
            assertThat(left.run("ip link show kept").stdout()).contains("qlen 77");
            culvert.stop();
        }
    }
}
