package io.culvert.control;

import io.culvert.netlink.IpPrefix;
import io.culvert.tunnel.TunnelSpec;
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
        object.put("mode", spec.mode().word());
        object.put("payload", spec.payload().word());
        object.put("remote", spec.remote() == null ? null : IpPrefix.text(spec.remote()));
        object.put("local", spec.local() == null ? null : IpPrefix.text(spec.local()));
        object.put("dev", spec.link());
        object.put("ttl", spec.ttl() == TunnelSpec.TTL_INHERIT ? "inherit" : spec.ttl());
        object.put("tos", spec.inheritsTos() ? ConfigWords.tos(spec) : spec.tos());
        object.put("ikey", key(spec.inputKey()));
        object.put("okey", key(spec.outputKey()));
        object.put("icsum", spec.inputChecksum());
        object.put("ocsum", spec.outputChecksum());
        object.put("iseq", spec.inputSequence());
        object.put("oseq", spec.outputSequence());
        object.put("pmtudisc", spec.pmtudisc());
        object.put("ignore-df", spec.ignoreDf());
        object.put("addresses", config.addresses().stream().map(Object::toString).toList());
        object.put("routes", config.routes().stream().map(Object::toString).toList());
    }

    private static Long key(OptionalInt bits) {
        return bits.isPresent() ? Integer.toUnsignedLong(bits.getAsInt()) : null;
    }
}
