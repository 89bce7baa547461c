/**
 * Super-packets: {@link io.culvert.offload.Segmenter} splits one of up to 64 KiB that a device
 * handed over into packets that fit the tunnel, and {@link io.culvert.offload.Coalescer} joins
 * received packets into one that the device takes at once.
 *
 * <p>Fewer, larger reads and writes of the device are the largest single gain for TCP. Both leave
 * payload where it is.
 */
package io.culvert.offload;
