package io.culvert.tunnel;

/** Which inner IP versions a tunnel carries; {@code ip link}'s {@code mode} of a sit device. */
public enum Payload {
    /** IPv4 only: {@code ipip}. */
    IPV4("ipip"),
    /** IPv6 only: {@code ip6ip}. */
    IPV6("ip6ip"),
    /** Both. */
    ANY("any");

    private final String word;

    Payload(String word) {
        this.word = word;
    }

    /** The word of {@code ip link}. */
    public String word() {
        return word;
    }

    /**
     * Whether packets of this IP version are carried.
     *
     * @param ipVersion the first nibble of the inner packet
     */
    public boolean carries(int ipVersion) {
        return switch (this) {
            case IPV4 -> ipVersion == 4;
            case IPV6 -> ipVersion == 6;
            case ANY -> ipVersion == 4 || ipVersion == 6;
        };
    }
}
