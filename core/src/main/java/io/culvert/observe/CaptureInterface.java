package io.culvert.observe;

import java.util.Objects;

/**
 * Where the packets of a capture file come from; pcapng's Interface Description Block
 * (draft-ietf-opsawg-pcapng §4.2).
 *
 * @param name as the host calls it, for example {@code eth0}; may be empty
 * @param description for people; may be empty
 * @param linkType what its packets begin with: a number of the LINKTYPE registry of tcpdump.org
 * @param snapLengthBytes the most that is kept of a packet; 0 when all is kept
 */
public record CaptureInterface(String name, String description, int linkType, int snapLengthBytes) {
    /** LINKTYPE_RAW: an IPv4 or IPv6 header, told apart by the first four bits. */
    public static final int RAW_IP = 101;

    /**
     * The same, of an interface that is not the only one in its file: BSD's DLT_RAW, which is in no
     * registry of file formats. libpcap compares the number of each further interface, as it is in
     * the file, with its own number for the first one's, and so refuses a second {@link #RAW_IP}.
     * It takes this number for what it is, and so does Wireshark.
     */
    public static final int RAW_IP_OF_SEVERAL = 12;

    /** LINKTYPE_ETHERNET. */
    public static final int ETHERNET = 1;

    /** Longer packets are taken for damage, as by libpcap's {@code MAXIMUM_SNAPLEN}. */
    public static final int MOST_SNAP_LENGTH_BYTES = 262_144;

    private static final int MOST_LINK_TYPE = 0xffff;

    public CaptureInterface {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        if (linkType < 0 || linkType > MOST_LINK_TYPE) {
            throw new IllegalArgumentException("link type " + linkType + " is not 0 to 65535");
        }
        if (snapLengthBytes < 0) {
            throw new IllegalArgumentException("snap length " + snapLengthBytes + " is negative");
        }
    }

    /** An interface whose packets are kept whole. */
    public static CaptureInterface of(String name, int linkType) {
        return new CaptureInterface(name, "", linkType, 0);
    }
}
