package io.culvert.doctor.peer;

import io.culvert.control.ConfigWords;
import io.culvert.control.TunnelConfig;
import io.culvert.device.Offload;
import io.culvert.doctor.Finding;
import io.culvert.doctor.Rerun;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Whether the GRE headers that the peer sends are those that the tunnel takes. */
final class GreOptionFindings {
    private final TunnelSpec spec;
    private final Rerun rerun;
    private final String remote;
    private final List<OuterSight> packets;
    private final List<GreSight> headers;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param packets from the remote, for a tunnel that carries IP
     */
    GreOptionFindings(TunnelSpec spec, Rerun rerun, String remote, List<OuterSight> packets) {
        this.spec = spec;
        this.rerun = rerun;
        this.remote = remote;
        this.packets = packets;
        this.headers = packets.stream().map(OuterSight::gre).filter(g -> g != null).toList();
    }

    List<Finding> all() {
        keys();
        checksums();
        sequences();
        return findings;
    }

    private void keys() {
        Map<OptionalInt, Long> others = new LinkedHashMap<>();
        for (GreSight header : headers) {
            if (!header.key().equals(spec.gre().inputKey())) {
                others.merge(header.key(), 1L, Long::sum);
            }
        }
        if (others.isEmpty()) {
            return;
        }
        Map.Entry<OptionalInt, Long> most =
                others.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        OptionalInt key = most.getKey();
        if (others.values().stream().mapToLong(n -> n).sum() < packets.size()) {
            secondKey(key, most.getValue());
            return;
        }
        findings.add(
                Finding.error(
                        key.isEmpty()
                                ? "key-missing"
                                : spec.gre().inputKey().isEmpty()
                                        ? "key-unexpected"
                                        : "key-mismatch",
                        of(most.getValue())
                                + (key.isEmpty() ? " have no key" : " have key " + words(key))
                                + ", "
                                + spec.name()
                                + " takes "
                                + (spec.gre().inputKey().isEmpty()
                                        ? "those without one"
                                        : "key " + words(spec.gre().inputKey())),
                        "every packet of the peer's is dropped: the keys of both ends must be"
                                + " equal",
                        keyHere(key) + "\nor on the peer: " + keyThere()));
    }

    /** Some packets have the tunnel's key, and those of other tunnels here are not among them. */
    private void secondKey(OptionalInt key, long count) {
        TunnelSpecBuilder second =
                TunnelSpec.builder("NAME", TunnelMode.of(spec))
                        .remote(spec.remote())
                        .local(spec.local());
        key.ifPresent(second::key);
        TunnelConfig config = new TunnelConfig(second.build(), List.of(), List.of(), Offload.AUTO);
        findings.add(
                Finding.warning(
                        "second-peer",
                        of(count)
                                + (key.isEmpty() ? " have no key" : " have key " + words(key))
                                + ", which no tunnel of Culvert takes here",
                        "the peer has a second tunnel to this host, or a second peer is behind the"
                                + " same address (NAT)",
                        "culvert run "
                                + ConfigWords.text(config)
                                + "    # a tunnel for it, if it is wanted"));
    }

    /** Where one key serves both ways here, the peer's does as well: half a cure is none. */
    private String keyHere(OptionalInt key) {
        boolean isBoth = spec.gre().inputKey().equals(spec.gre().outputKey());
        if (key.isEmpty()) {
            return isBoth
                    ? rerun.with("nokey", TunnelSpecBuilder::noKey)
                    : rerun.with("noikey", TunnelSpecBuilder::noInputKey);
        }
        int bits = key.getAsInt();
        return isBoth
                ? rerun.with("key " + words(key), b -> b.key(bits))
                : rerun.with("ikey " + words(key), b -> b.inputKey(bits));
    }

    private String keyThere() {
        boolean isBoth = spec.gre().inputKey().equals(spec.gre().outputKey());
        if (spec.gre().inputKey().isEmpty()) {
            return isBoth ? "nokey" : "nookey";
        }
        return (isBoth ? "key " : "okey ") + words(spec.gre().inputKey());
    }

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
        if (spec.gre().inputChecksum() && with == 0) {
            findings.add(
                    Finding.error(
                            "checksum-missing",
                            of(packets.size()) + " have no checksum, " + spec.name() + " has icsum",
                            "every packet of the peer's is dropped: icsum asks for checksums, and"
                                    + " the peer sends none",
                            checksumHere(false) + "\nor on the peer: " + checksumThere(true)));
        } else if (!spec.gre().inputChecksum() && with > 0 && with == headers.size()) {
            findings.add(
                    Finding.error(
                            "checksum-unexpected",
                            of(with) + " have a checksum, " + spec.name() + " has no icsum",
                            "every packet of the peer's is dropped, as Linux does: without icsum"
                                    + " packets must have no checksum",
                            checksumHere(true) + "\nor on the peer: " + checksumThere(false)));
        }
    }

    /** As with keys: a peer that sends none takes none, unless it was told otherwise. */
    private String checksumHere(boolean value) {
        String no = value ? "" : "no";
        return isChecksumOfBothWays()
                ? rerun.with(no + "csum", b -> b.checksum(value))
                : rerun.with(no + "icsum", b -> b.inputChecksum(value));
    }

    private String checksumThere(boolean value) {
        return (value ? "" : "no") + (isChecksumOfBothWays() ? "csum" : "ocsum");
    }

    private boolean isChecksumOfBothWays() {
        return spec.gre().inputChecksum() == spec.gre().outputChecksum();
    }

    private void sequences() {
        long with = headers.stream().filter(g -> g.sequence().isPresent()).count();
        if (spec.gre().inputSequence() && with == 0) {
            findings.add(
                    Finding.error(
                            "sequence-missing",
                            of(packets.size())
                                    + " have no sequence number, "
                                    + spec.name()
                                    + " has iseq",
                            "every packet of the peer's is dropped: iseq asks for numbers, and the"
                                    + " peer sends none",
                            rerun.with("noiseq", b -> b.inputSequence(false))
                                    + "\nor on the peer: oseq"));
        }
    }

    private String of(long count) {
        return count + " of " + packets.size() + " packets from " + remote;
    }
}
