package io.culvert.cli;

import io.culvert.control.TunnelException;

/** The process's exit statuses: those of sysexits.h where it has one. */
final class ExitStatus {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 64; // sysexits.h EX_USAGE
    static final int NO_INPUT = 66; // sysexits.h EX_NOINPUT
    static final int UNAVAILABLE = 69; // sysexits.h EX_UNAVAILABLE
    static final int INTERNAL = 70; // sysexits.h EX_SOFTWARE
    static final int NO_PERMISSION = 77; // sysexits.h EX_NOPERM

    private ExitStatus() {}

    static int of(TunnelException.Kind kind) {
        return switch (kind) {
            case UNAVAILABLE -> UNAVAILABLE;
            case NO_PERMISSION -> NO_PERMISSION;
            case FAILED -> FAILED;
        };
    }
}
