package io.culvert.observe;

import java.io.IOException;

/** What was given as a capture is none. */
public final class CaptureFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public CaptureFormatException(String message) {
        super(message);
    }
}
