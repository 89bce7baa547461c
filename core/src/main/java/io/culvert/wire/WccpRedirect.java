package io.culvert.wire;

/**
 * What a WCCP version 2 router puts between GRE and the packet that it redirects
 * (draft-wilson-wrec-wccp-v2-01 §4.12.1).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-----------+---------------+---------------+---------------+
 * |T|A|  Unused   |  Service ID   |  Alt Bucket   |   Pri Bucket  |
 * +-+-+-----------+---------------+---------------+---------------+
 * </pre>
 */
public final class WccpRedirect {
    public static final int LENGTH = GreHeader.WCCP_REDIRECT_LENGTH;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("draft-wilson-wrec-wccp-v2-01 §4.12.1")
                    .flag("dynamic-service")
                    .flag("alternative-bucket-used")
                    .reserved("unused", 6)
                    .number("service-id", 8)
                    .number("alternative-bucket", 8)
                    .number("primary-bucket", 8)
                    .build();

    private WccpRedirect() {}
}
