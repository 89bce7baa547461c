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
            return List.of(withoutCarrier(patient, name));
        }
        return List.of(Finding.ok(ID, name + " is up"));
    }

    private static Finding withoutCarrier(Patient patient, String name) {
        String evidence = name + " is up and has no carrier";
        Optional<ServedTunnel> served = patient.served(name);
        if (served.isPresent()) {
            // only keepalive-carrier takes the carrier from a device that is served
            return Finding.warning(
                    "device-no-carrier",
                    evidence + "; pid " + served.get().pid() + " serves it",
                    "the peer does not answer the tunnel's keepalives, and keepalive-carrier takes"
                            + " the carrier away until it does",
                    "culvert stats " + name + "    # since when the peer does not answer");
        }
        return Finding.error(
                "device-unserved",
                evidence,
                "it was made to stay (persistent), and no process serves it any more",
                patient.rerun().asItIs());
    }
}
