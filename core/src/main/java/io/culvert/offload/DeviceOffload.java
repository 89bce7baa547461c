package io.culvert.offload;

/**
 * What super-packets a tunnel's device takes.
 *
 * @param isEthernet whether its packets are Ethernet frames
 * @param takesTcp whether it takes those of TCP
 * @param takesUdp whether it takes those of UDP, too
 */
public record DeviceOffload(boolean isEthernet, boolean takesTcp, boolean takesUdp) {
    /** A device for IP packets that takes all. */
    public static final DeviceOffload ALL = new DeviceOffload(false, true, true);
}
