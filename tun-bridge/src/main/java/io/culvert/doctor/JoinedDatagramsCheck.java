package io.culvert.doctor;

import io.culvert.linux.LinkFeatures;
import io.culvert.netlink.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Whether the host joins datagrams that come in tunnels: what a socket receives then does not tell
 * how large they were.
 */
final class JoinedDatagramsCheck implements Check {
    private static final String ID = "datagrams-joined";
    private static final List<String> SWITCHES =
            List.of(LinkFeatures.UDP_FORWARDING, LinkFeatures.LISTS);

    @Override
    public List<Finding> examine(Patient patient) {
        List<String> seen = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        for (Link link : patient.host().links()) {
            Set<String> features = patient.host().features(link.name());
            for (String feature : SWITCHES) {
                if (features.contains(feature)) {
                    seen.add(link.name() + ": " + feature + " is on");
                    remedies.add("ethtool -K " + link.name() + " " + feature + " off");
                }
            }
        }
        if (seen.isEmpty()) {
            return List.of(
                    Finding.ok(ID, "no device has " + String.join(" or ", SWITCHES) + " on"));
        }
        return List.of(
                Finding.warning(
                        ID,
                        String.join(", ", seen),
                        "datagrams in the tunnel that this device joins cannot be parted again:"
                                + " they are dropped (host-joined). Only a GRE checksum in front of"
                                + " IPv4 tells how large they were",
                        String.join("\n", remedies)));
    }
}
