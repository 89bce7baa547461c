package io.culvert.verdict;

import io.culvert.dissect.Dissection;
import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import io.culvert.tunnel.Ecn;
import io.culvert.verdict.Verdict.Answer;
import io.culvert.wire.EtherType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a receiver does that keeps to the RFCs to the letter: 2784, 2890 and 7676 for GRE, 2003 for
 * IPIP, 4213 for 6in4, 2473 for tunnels over IPv6, 6040 for ECN.
 */
public final class StrictReceiver {
    /** Of the three recursion bits, the first is GRE's bit 5, the last that RFC 2784 checks. */
    private static final int BIT_5 = 4;

    private StrictReceiver() {}

    /** What it does with a packet that arrives. */
    public static Verdict judge(Dissection packet) {
        Optional<OuterPacket> found = OuterPacket.of(packet);
        if (found.isEmpty() || !(found.get().isTunnelProtocol() || found.get().hasTunnelHeader())) {
            return OuterPacket.endsTooEarly(packet)
                    .orElse(Verdict.of(Answer.IS_NO_TUNNEL_PACKET, ""));
        }
        OuterPacket outer = found.get();
        return outerHeader(outer)
                .or(() -> OuterPacket.endsTooEarly(packet))
                .or(() -> greHeader(outer))
                .or(() -> innerPacket(outer))
                .orElseGet(() -> takes(outer));
    }

    private static Optional<Verdict> outerHeader(OuterPacket outer) {
        if (outer.isWrong(outer.ip())) {
            return drops("the outer header's checksum is wrong", "RFC 1122 §3.2.1.2");
        }
        if (outer.isFragment()) {
            return Optional.of(
                    Verdict.of(Answer.WAITS, "a tunnel sees the whole packet when all are there"));
        }
        if (outer.isPptp() || outer.isEoip()) {
            String whose = outer.isEoip() ? "MikroTik's EoIP" : "PPTP's";
            return drops(
                    "GRE version 1 of this type is " + whose + "; the version must be 0",
                    "RFC 2784 §2.3.1");
        }
        return outer.firstError()
                .filter(error -> outer.gre().isEmpty() || !outer.isWrong(outer.gre().get()))
                .flatMap(error -> drops(error, outer.isIpv6() ? "RFC 8200" : "RFC 791"));
    }

    private static Optional<Verdict> greHeader(OuterPacket outer) {
        if (outer.gre().isEmpty()) {
            return Optional.empty();
        }
        Layer gre = outer.gre().get();
        if (gre.isSet("routing-present")
                || gre.isSet("strict-source-route")
                || (gre.number("recursion-control", 0) & BIT_5) != 0) {
            return drops(
                    "bits 1, 4 and 5 must be zero where RFC 1701 is not implemented",
                    "RFC 2784 §2.3");
        }
        if (outer.isWrong(gre)) {
            return drops("the GRE checksum is wrong", "RFC 2784 §2.5");
        }
        return switch (outer.protocolType()) {
            case EtherType.IPV4, EtherType.IPV6, EtherType.TEB -> Optional.empty();
            default ->
                    drops(
                            "it should discard what it does not know, and protocol type "
                                    + gre.field("protocol-type").orElseThrow().text()
                                    + " is none of RFC 2784 and RFC 7676",
                            "RFC 2784 §2.4");
        };
    }

    private static Optional<Verdict> innerPacket(OuterPacket outer) {
        if (outer.inner().isEmpty()) {
            return outer.protocolType() == EtherType.TEB
                    ? Optional.empty()
                    : drops("there is no inner packet of the kind announced", rule(outer));
        }
        Layer inner = outer.inner().get();
        Optional<String> error = outer.firstInnerError();
        if (error.isPresent()) {
            return drops("the inner header is broken: " + error.get(), "RFC 1122 §3.2.1");
        }
        if (outer.gre().isPresent()
                && inner.value("destination").equals(outer.ip().value("source"))) {
            return drops(
                    "the inner destination is the encapsulator itself, as a keepalive's is",
                    "RFC 2784 §3.1");
        }
        if (inner.field("ttl").filter(ttl -> ttl.number() == 0).isPresent()) {
            return drops("the inner TTL is 0", "RFC 2003 §3.1");
        }
        int ecn = Ecn.decapsulate((int) inner.number("ecn", 0), (int) outer.ip().number("ecn", 0));
        if (ecn == Ecn.DROP) {
            return drops(
                    "the outer header says congestion, which the inner packet cannot carry",
                    "RFC 6040 §4.2");
        }
        boolean is6in4 =
                outer.gre().isEmpty() && !outer.isIpv6() && inner.protocol() == Protocol.IPV6;
        return is6in4 ? sixInFourSource(inner) : Optional.empty();
    }

    private static Optional<Verdict> sixInFourSource(Layer inner) {
        String source = inner.value("source");
        boolean isForbidden =
                source.startsWith("ff")
                        || source.equals("::")
                        || source.equals("::1")
                        || source.startsWith("::ffff:")
                        || source.matches("::\\d+\\.\\d+\\.\\d+\\.\\d+");
        return isForbidden
                ? drops("the inner source " + source + " cannot be a sender's", "RFC 4213 §3.6")
                : Optional.empty();
    }

    private static Verdict takes(OuterPacket outer) {
        List<String> conditions = new ArrayList<>();
        outer.gre()
                .filter(gre -> gre.has("key"))
                .ifPresent(
                        gre ->
                                conditions.add(
                                        "it knows the flow of key "
                                                + gre.value("key")
                                                + " (RFC 2890 §2.1)"));
        outer.gre()
                .filter(gre -> gre.has("sequence-number"))
                .ifPresent(
                        gre ->
                                conditions.add(
                                        "the last sequence number was below "
                                                + gre.value("sequence-number")
                                                + " (RFC 2890 §2.2)"));
        return Verdict.takes("", rule(outer), conditions);
    }

    private static String rule(OuterPacket outer) {
        if (outer.gre().isPresent()) {
            return outer.isIpv6() || outer.protocolType() == EtherType.IPV6
                    ? "RFC 7676"
                    : "RFC 2784";
        }
        if (outer.isIpv6()) {
            return "RFC 2473";
        }
        return outer.protocol() == io.culvert.wire.IpProtocol.IPV6 ? "RFC 4213" : "RFC 2003";
    }

    private static Optional<Verdict> drops(String reason, String rule) {
        return Optional.of(Verdict.drops(reason, rule));
    }
}
