package io.culvert.doctor;

import io.culvert.netlink.Link;
import java.util.List;
import java.util.Optional;

/** Whether the tunnel's device is there, up, and served by a process. */
final class DeviceCheck implements Check {
    private static final String ID = "device";

    @Override
    public List<Finding> examine(Patient patient) {
        Optional<Link> device = patient.device();
        if (device.isEmpty()) {
            return List.of(); // the tunnel is yet to be made
        }
        String name = device.get().name();
        if (!device.get().isUp()) {
            return List.of(
                    Finding.error(
                            "device-down",
                            name + " is there and down",
                            "a tunnel whose device is down sends and takes nothing",
                            "ip link set " + name + " up"));
        }
        if (device.get().kind().equals("tun") && !device.get().hasCarrier()) {
            return List.of(
                    Finding.error(
                            "device-unserved",
                            name + " is up and has no carrier",
                            "it was made to stay (persistent), and no process serves it any more",
                            "culvert run " + name + " ..."));
        }
        return List.of(Finding.ok(ID, name + " is up"));
    }
}
