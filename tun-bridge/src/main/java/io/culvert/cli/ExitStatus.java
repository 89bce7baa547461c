package io.culvert.cli;

import io.culvert.attach.AttachException;
import io.culvert.capture.CaptureException;
import io.culvert.control.TunnelException;
import io.culvert.doctor.Severity;
import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;

/** The process's exit statuses: those of sysexits.h where it has one. */
final class ExitStatus {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 64; // sysexits.h EX_USAGE
    static final int NO_INPUT = 66; // sysexits.h EX_NOINPUT
    static final int UNAVAILABLE = 69; // sysexits.h EX_UNAVAILABLE
    static final int INTERNAL = 70; // sysexits.h EX_SOFTWARE
    static final int NO_PERMISSION = 77; // sysexits.h EX_NOPERM

    // culvert doctor's, as monitoring plug-ins have them
    static final int WARNINGS = 1;
    static final int ERRORS = 2;

    private ExitStatus() {}

    static int of(TunnelException.Kind kind) {
        return switch (kind) {
            case UNAVAILABLE -> UNAVAILABLE;
            case NO_PERMISSION -> NO_PERMISSION;
            case FAILED -> FAILED;
        };
    }

    /** The status for the worst that {@code culvert doctor} found. */
    static int of(Severity worst) {
        return switch (worst) {
            case OK, UNKNOWN -> OK;
            case WARNING -> WARNINGS;
            case ERROR -> ERRORS;
        };
    }

    static int of(AttachException.Kind kind) {
        return switch (kind) {
            case NOT_RUNNING -> UNAVAILABLE;
            case AMBIGUOUS -> USAGE;
            case NO_PERMISSION -> NO_PERMISSION;
            case FAILED -> FAILED;
        };
    }

    static int of(CaptureException.Kind kind) {
        return switch (kind) {
            case UNAVAILABLE -> UNAVAILABLE;
            case NO_PERMISSION -> NO_PERMISSION;
            case USAGE -> USAGE;
            case FAILED -> FAILED;
        };
    }

    /** The status for what the kernel refused. */
    static int of(LinuxException e) {
        return switch (e.errno()) {
            case Errno.EPERM, Errno.EACCES -> NO_PERMISSION;
            case Errno.ENOENT,
                    Errno.ENOTDIR,
                    Errno.EISDIR,
                    Errno.ENOTTY,
                    Errno.ENXIO,
                    Errno.ENODEV,
                    Errno.ENOSYS,
                    Errno.EOPNOTSUPP,
                    Errno.EPROTONOSUPPORT,
                    Errno.EAFNOSUPPORT ->
                    UNAVAILABLE;
            default -> FAILED;
        };
    }
}
