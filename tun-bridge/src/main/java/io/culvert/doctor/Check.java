package io.culvert.doctor;

import java.util.List;

/** A look at one thing. */
interface Check {
    /**
     * What there is to say; nothing when it does not concern this patient.
     *
     * @throws io.culvert.linux.LinuxException when the kernel does not answer
     */
    List<Finding> examine(Patient patient);
}
