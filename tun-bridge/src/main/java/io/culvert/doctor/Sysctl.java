package io.culvert.doctor;

import java.util.OptionalLong;

/** Numbers under {@code /proc/sys}. */
final class Sysctl {
    private Sysctl() {}

    /**
     * The value of a key; empty when this kernel does not have it.
     *
     * @param key with slashes, such as {@code net/ipv4/ip_forward}
     */
    static OptionalLong number(Host host, String key) {
        return host.text("/proc/sys/" + key)
                .map(String::strip)
                .filter(text -> text.matches("-?[0-9]{1,18}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    /** A key of one device's IPv4, such as {@code rp_filter}. */
    static OptionalLong ofDevice(Host host, String device, String key) {
        return number(host, "net/ipv4/conf/" + device + "/" + key);
    }
}
