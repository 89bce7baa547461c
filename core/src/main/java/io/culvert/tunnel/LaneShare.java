package io.culvert.tunnel;

/**
 * Which of the lanes that carry a tunnel one of its ends is in, and what all of them have in
 * common.
 *
 * @param lane from 0
 * @param lanes how many carry the tunnel, 1 or more
 * @param rememberedErrors one for all lanes of the tunnel: an error is told to one sender,
 *     whichever lane its packets pass
 */
public record LaneShare(int lane, int lanes, RememberedErrors rememberedErrors) {
    /** Checks the range. */
    public LaneShare {
        if (lanes < 1 || lane < 0 || lane >= lanes) {
            throw new IllegalArgumentException("there is no lane " + lane + " of " + lanes);
        }
    }

    /** A tunnel that is carried by one lane. */
    public static LaneShare whole() {
        return new LaneShare(0, 1, new RememberedErrors());
    }

    /**
     * Whether this lane answers for what is told to every lane: each has a socket, and the kernel
     * gives an ICMP error to all of them.
     */
    public boolean isFirst() {
        return lane == 0;
    }
}
