package io.culvert.device;

/** Whether a TUN device is to hand over and take super-packets. */
public enum Offload {
    /** As much as the kernel has; without it, the device works packet by packet. */
    AUTO,
    /** As much as the kernel has; it is an error when that is nothing. */
    ON,
    /** Packet by packet. */
    OFF
}
