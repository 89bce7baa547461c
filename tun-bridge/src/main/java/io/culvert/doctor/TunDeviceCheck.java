package io.culvert.doctor;

import io.culvert.linux.Errno;
import java.util.List;

/** Whether TUN devices can be made. */
final class TunDeviceCheck implements Check {
    private static final String ID = "tun-device";
    private static final String PATH = "/dev/net/tun";

    @Override
    public List<Finding> examine(Patient patient) {
        int errno = patient.host().openError(PATH);
        if (errno == 0) {
            return List.of(Finding.ok(ID, PATH + " can be opened"));
        }
        String evidence = PATH + ": " + Errno.describe(errno);
        // miscdevice numbers: "200 tun" stands there once the driver is loaded or built in
        boolean hasDriver =
                patient.host()
                        .text("/proc/misc")
                        .filter(misc -> misc.lines().anyMatch(line -> line.endsWith(" tun")))
                        .isPresent();
        return List.of(
                switch (errno) {
                    case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                            hasDriver ? withoutNode(evidence) : withoutDriver(evidence);
                    case Errno.EPERM, Errno.EACCES ->
                            Finding.error(
                                    ID,
                                    evidence,
                                    "the file is there, and this process may not open it: it is"
                                            + " not root, or its container was not given the"
                                            + " device",
                                    "docker run --device /dev/net/tun ..., or run as root");
                    default -> Finding.error(ID, evidence, "no tunnel device can be made", "");
                });
    }

    private static Finding withoutNode(String evidence) {
        return Finding.error(
                ID,
                evidence + ", and /proc/misc has \"200 tun\"",
                "the kernel has the TUN driver, and only the file that leads to it is missing, as"
                        + " in containers that were not given it",
                "mkdir -p /dev/net && mknod -m 600 /dev/net/tun c 10 200\n"
                        + "docker run --device /dev/net/tun ...");
    }

    private static Finding withoutDriver(String evidence) {
        return Finding.error(
                ID,
                evidence + ", and /proc/misc has no line for tun",
                "the kernel's TUN driver is not loaded, or this kernel was built without it",
                "modprobe tun");
    }
}
