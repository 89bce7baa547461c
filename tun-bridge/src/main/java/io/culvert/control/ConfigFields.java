package io.culvert.control;

import io.culvert.netlink.IpPrefix;
import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A tunnel's configuration for programs: a field for each word of {@code culvert run}, whether it
 * was said or not. What the tunnel does not have is null.
 */
final class ConfigFields {
    private ConfigFields() {}

    /** Adds the fields. */
    static void addTo(Map<String, Object> object, TunnelConfig config) {
        TunnelSpec spec = config.spec();
        object.put("mode", spec.word());
        object.put("payload", TunnelMode.of(spec).payloadWord(spec.payload()));
        object.put("remote", spec.remote() == null ? null : IpPrefix.text(spec.remote()));
        object.put("local", spec.local() == null ? null : IpPrefix.text(spec.local()));
        object.put("dev", spec.link());
        object.put("ttl", spec.outer().ttl() == Outer.TTL_INHERIT ? "inherit" : spec.outer().ttl());
        object.put("tos", tos(spec.outer()));
        object.put("ikey", key(spec.gre().inputKey()));
        object.put("okey", key(spec.gre().outputKey()));
        object.put("icsum", spec.gre().inputChecksum());
        object.put("ocsum", spec.gre().outputChecksum());
        object.put("iseq", spec.gre().inputSequence());
        object.put("oseq", spec.gre().outputSequence());
        object.put("pmtudisc", spec.outer().pmtudisc());
        object.put(
                "ignore-df",
                spec.outer() instanceof OuterIpv4 outer
                        && outer.fragmentation() == OuterIpv4.Fragmentation.ALWAYS_ALLOWED);
        if (spec.outer() instanceof OuterIpv6 outer) {
            boolean isInherited = outer.flowLabel() == OuterIpv6.INHERIT;
            object.put("flowlabel", isInherited ? "inherit" : outer.flowLabel());
            boolean isNone = outer.encapLimit() == OuterIpv6.NO_ENCAP_LIMIT;
            object.put("encaplimit", isNone ? null : outer.encapLimit());
        }
        object.put("addresses", config.addresses().stream().map(Object::toString).toList());
        object.put("routes", config.routes().stream().map(Object::toString).toList());
    }

    /** TOS or traffic class: a number, or the word where it is inherited. */
    private static Object tos(Outer outer) {
        if (outer instanceof OuterIpv6 ipv6) {
            return ipv6.trafficClass() == OuterIpv6.INHERIT ? "inherit" : ipv6.trafficClass();
        }
        OuterIpv4 ipv4 = (OuterIpv4) outer;
        return ipv4.inheritsTos() ? ConfigWords.tos(ipv4) : ipv4.tos();
    }

    private static Long key(OptionalInt bits) {
        return bits.isPresent() ? Integer.toUnsignedLong(bits.getAsInt()) : null;
    }
}
