package io.culvert.doctor;

import java.util.Locale;

/** How bad it is; in ascending order. */
public enum Severity {
    /** As it should be. */
    OK,
    /** It cannot be told from here; the finding says what is missing. */
    UNKNOWN,
    /** Packets pass, but not all of them or not always. */
    WARNING,
    /** Packets do not pass. */
    ERROR;

    /** The word in reports: {@code ok}, {@code unknown}, {@code warning}, {@code error}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
