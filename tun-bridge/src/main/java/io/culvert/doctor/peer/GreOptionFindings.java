package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Whether the GRE headers that the peer sends are those that the tunnel takes. */
final class GreOptionFindings {
    private final TunnelSpec spec;
    private final String remote;
    private final List<OuterSight> packets;
    private final List<GreSight> headers;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param packets from the remote
     */
    GreOptionFindings(TunnelSpec spec, String remote, List<OuterSight> packets) {
        this.spec = spec;
        this.remote = remote;
        this.packets = packets;
        this.headers = packets.stream().map(OuterSight::gre).filter(g -> g != null).toList();
    }

    List<Finding> all() {
        versions();
        keys();
        checksums();
        sequences();
        return findings;
    }

    private void versions() {
        long pptp = headers.stream().filter(g -> g.version() == 1).count();
        if (pptp == headers.size() && pptp > 0) {
            findings.add(
                    Finding.error(
                            "gre-version",
                            of(pptp) + " have GRE version 1",
                            "that is PPTP's: the peer speaks a VPN that is no GRE tunnel",
                            ""));
        }
    }

    private void keys() {
        Map<OptionalInt, Long> others = new LinkedHashMap<>();
        for (GreSight header : headers) {
            if (!header.key().equals(spec.inputKey())) {
                others.merge(header.key(), 1L, Long::sum);
            }
        }
        if (others.isEmpty() || others.values().stream().mapToLong(n -> n).sum() < packets.size()) {
            return; // some have the tunnel's: the others are another tunnel's
        }
        Map.Entry<OptionalInt, Long> most =
                others.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        OptionalInt key = most.getKey();
        findings.add(
                Finding.error(
                        key.isEmpty()
                                ? "key-missing"
                                : spec.inputKey().isEmpty() ? "key-unexpected" : "key-mismatch",
                        of(most.getValue())
                                + (key.isEmpty() ? " have no key" : " have key " + words(key))
                                + ", "
                                + spec.name()
                                + " takes "
                                + (spec.inputKey().isEmpty()
                                        ? "those without one"
                                        : "key " + words(spec.inputKey())),
                        "every packet of the peer's is dropped: the keys of both ends must be"
                                + " equal",
                        "culvert run "
                                + spec.name()
                                + " ... "
                                + (key.isEmpty()
                                        ? "noikey"
                                        : "ikey " + Integer.toUnsignedString(key.getAsInt()))
                                + "\nor on the peer: "
                                + (spec.inputKey().isEmpty()
                                        ? "nookey"
                                        : "okey "
                                                + Integer.toUnsignedString(
                                                        spec.inputKey().getAsInt()))));
    }

    /** As a number and, as routers show it, as a dotted quad. */
    private static String words(OptionalInt key) {
        return Integer.toUnsignedString(key.getAsInt());
    }

    private void checksums() {
        long wrong = headers.stream().filter(g -> !g.isChecksumRight()).count();
        if (wrong > 0) {
            findings.add(
                    Finding.error(
                            "checksum-wrong",
                            of(wrong) + " have a wrong GRE checksum",
                            "they are damaged on the way, or by a network card that fills in"
                                    + " checksums where it should not",
                            "on the peer: ethtool -K DEVICE tx off"));
        }
        long with = headers.stream().filter(GreSight::hasChecksum).count();
        if (spec.inputChecksum() && with == 0) {
            findings.add(
                    Finding.error(
                            "checksum-missing",
                            of(packets.size()) + " have no checksum, " + spec.name() + " has icsum",
                            "every packet of the peer's is dropped: icsum asks for checksums, and"
                                    + " the peer sends none",
                            "culvert run " + spec.name() + " ... noicsum\nor on the peer: ocsum"));
        } else if (!spec.inputChecksum() && with > 0 && with == headers.size()) {
            findings.add(
                    Finding.error(
                            "checksum-unexpected",
                            of(with) + " have a checksum, " + spec.name() + " has no icsum",
                            "every packet of the peer's is dropped, as Linux does: without icsum"
                                    + " packets must have no checksum",
                            "culvert run " + spec.name() + " ... icsum\nor on the peer: noocsum"));
        }
    }

    private void sequences() {
        long with = headers.stream().filter(g -> g.sequence().isPresent()).count();
        if (spec.inputSequence() && with == 0) {
            findings.add(
                    Finding.error(
                            "sequence-missing",
                            of(packets.size())
                                    + " have no sequence number, "
                                    + spec.name()
                                    + " has iseq",
                            "every packet of the peer's is dropped: iseq asks for numbers, and the"
                                    + " peer sends none",
                            "culvert run " + spec.name() + " ... noiseq\nor on the peer: oseq"));
        }
    }

    private String of(long count) {
        return count + " of " + packets.size() + " packets from " + remote;
    }
}
