package io.culvert.dissect;

/** What is known of a layer's checksum. */
public enum ChecksumState {
    /** The protocol has none. */
    NONE("none"),
    /** It could have one, and this packet does not. */
    ABSENT("absent"),
    GOOD("good"),
    BAD("wrong"),
    /**
     * It holds the sum of the pseudo header only: the sender's network card was to complete it, and
     * the packet was captured before.
     */
    LEFT_TO_HARDWARE("left to the sender's network card"),
    /** Not all the bytes that it covers were captured. */
    NOT_CAPTURED("not checked: the capture ends before the packet"),
    /** It covers bytes of other fragments. */
    FRAGMENTED("not checked: this is a fragment"),
    /** Part of its pseudo header is not in the packet, or its length contradicts itself. */
    UNKNOWN("not checked: what it covers is not known");

    private final String description;

    ChecksumState(String description) {
        this.description = description;
    }

    /** In words. */
    public String description() {
        return description;
    }

    /** In kebab-case, for programs. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
