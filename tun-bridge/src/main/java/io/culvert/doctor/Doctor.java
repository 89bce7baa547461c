package io.culvert.doctor;

import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpPrefix;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Looks at a host and a tunnel on it, without changing anything. */
public final class Doctor {
    private static final List<Check> ENVIRONMENT =
            List.of(
                    new TunDeviceCheck(),
                    new RightsCheck(),
                    new SurroundingsCheck(),
                    new KernelModulesCheck(),
                    new RouteCheck(),
                    new AddressesCheck(),
                    new MtuCheck(),
                    new ReversePathCheck(),
                    new ForwardingCheck(),
                    new FirewallCheck(),
                    new ConntrackCheck(),
                    new RawSocketsCheck());

    private Doctor() {}

    /** Looks at everything. */
    public static Diagnosis examine(Patient patient) {
        return new Diagnosis(subject(patient), environment(patient));
    }

    private static String subject(Patient patient) {
        if (!patient.hasTunnel()) {
            return "this host, for any tunnel";
        }
        TunnelSpec spec = patient.spec();
        String local = spec.local() == null ? "any" : IpPrefix.text(spec.local());
        return spec.name()
                + ": "
                + spec.mode().word()
                + " "
                + local
                + " -> "
                + IpPrefix.text(spec.remote())
                + (patient.device().isPresent() ? "" : ", not up");
    }

    /** What there is to say about the host, in the order in which it was looked at. */
    static List<Finding> environment(Patient patient) {
        List<Finding> findings = new ArrayList<>();
        for (Check check : ENVIRONMENT) {
            try {
                findings.addAll(check.examine(patient));
            } catch (LinuxException e) {
                String name = check.getClass().getSimpleName().replace("Check", "");
                findings.add(
                        Finding.unknown(
                                name.toLowerCase(Locale.ROOT),
                                e.getMessage(),
                                "the kernel did not answer, so this could not be looked at",
                                ""));
            }
        }
        return findings;
    }
}
