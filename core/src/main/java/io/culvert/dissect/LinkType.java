package io.culvert.dissect;

import java.util.Arrays;
import java.util.Optional;

/** What a captured packet begins with: the link types of capture files that can carry IP. */
public enum LinkType {
    /** An IPv4 or IPv6 header, told apart by their version. */
    RAW_IP(101, 12, 14, 228, 229),
    ETHERNET(1),
    /** Linux's "any" device. */
    LINUX_SLL(113),
    LINUX_SLL2(276),
    /** An address family in the capturing machine's byte order. */
    NULL(0),
    /** An address family in network byte order. */
    LOOP(108);

    private final int[] numbers;

    LinkType(int... numbers) {
        this.numbers = numbers;
    }

    /** Its LINKTYPE number in a capture file. */
    public int number() {
        return numbers[0];
    }

    /** The link type of a LINKTYPE or DLT number; empty for one that this package cannot read. */
    public static Optional<LinkType> of(int number) {
        return Arrays.stream(values())
                .filter(type -> Arrays.stream(type.numbers).anyMatch(n -> n == number))
                .findFirst();
    }
}
