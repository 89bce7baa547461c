package io.culvert.attach;

import java.time.Duration;

/** The words and bounds that both ends of a control connection share. */
final class Protocol {
    static final int VERSION = 1;

    static final String VERSION_FIELD = "culvert";
    static final String VERB = "verb";
    static final String ANSWER = "answer";
    static final String ERROR = "error";
    static final String STREAM = "stream";
    static final String HEADER = "header";
    static final String END = "end";
    static final String LINES = "lines";
    static final String RECORDS = "records";

    /** A request's line. */
    static final int MOST_REQUEST_BYTES = 64 * 1024;

    /** An answer's line: thousands of tunnels. */
    static final int MOST_ANSWER_BYTES = 16 * 1024 * 1024;

    /** One record of a stream: the largest packet and much to say about it. */
    static final int MOST_RECORD_BYTES = 256 * 1024;

    static final Duration FOREVER = Duration.ofDays(36_500);

    private Protocol() {}
}
