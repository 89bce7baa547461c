package io.culvert.control;

import io.culvert.device.TunDevice;
import io.culvert.device.TunOffloads;
import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.packet.DropReason;
import io.culvert.pipeline.TunnelPort;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.TunnelSpec;

/**
 * A tunnel that is open: its configuration, its device and its port in the lane.
 *
 * @param linkIndex interface index of the underlay device it is bound to, or 0
 * @param innerMtu the MTU that its device was given, in bytes
 */
record LiveTunnel(
        TunnelConfig config, TunDevice device, TunnelPort port, int linkIndex, int innerMtu) {

    TunnelSpec spec() {
        return config.spec();
    }

    String name() {
        return config.spec().name();
    }

    /** What offload is in use, and why it is not all that there could be. */
    String offloadWords() {
        TunOffloads offloads = device.offloads();
        String reason = offloads.reason();
        return offloads.words() + (reason.isEmpty() ? "" : " (" + reason + ")");
    }

    TunnelCounts counts() {
        Counters counters = port.counters();
        OuterError lastError = port.lastError();
        return new TunnelCounts(
                name(),
                counters.get(Count.DELIVERED),
                counters.get(Count.DELIVERED_BYTES),
                counters.get(Count.SENT),
                counters.get(Count.SENT_BYTES),
                counters.get(Count.FRAGMENTS_MADE),
                counters.get(Count.ICMP_ERRORS_WRITTEN),
                counters.get(Count.ICMP_ERRORS_RECEIVED),
                lastError == null ? "" : IcmpWords.of(lastError),
                counters.drops());
    }

    /** Stops sending for a reason, or resumes when it is null. Lane thread. */
    void closeSending(DropReason reason) {
        port.encapsulator().close(reason);
    }
}
