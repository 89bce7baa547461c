package io.culvert.linux;

/** The priority of work that must not be in the way of any other. */
public final class LowPriority {
    private static final int PRIO_PROCESS = 0; // linux/resource.h
    private static final int CALLING_THREAD = 0;
    private static final int NICEST = 19;

    private LowPriority() {}

    /** Gives the calling thread the lowest priority, for good; where that is refused, nothing. */
    public static void take() {
        LibC.setpriority(PRIO_PROCESS, CALLING_THREAD, NICEST);
    }
}
