package io.culvert.cli;

import io.culvert.control.TraceVerb;
import io.culvert.observe.TraceOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a user wants to see of a trace.
 *
 * @param tunnels names; empty for all
 * @param innerFilter an expression of pcap-filter(7), or null
 * @param outerFilter an expression of pcap-filter(7), or null
 * @param snapBytes how much of each side; null for the usual
 * @param sampleOneIn one packet in so many
 * @param isDropsOnly whether only drops are shown
 * @param most how many packets; 0 for all
 * @param file where to write a capture file, {@code -} for standard output; null for none
 * @param form how packets are shown without a file
 */
record TraceWishes(
        List<String> tunnels,
        String innerFilter,
        String outerFilter,
        Integer snapBytes,
        int sampleOneIn,
        boolean isDropsOnly,
        long most,
        String file,
        Form form) {

    private static final int USUAL_BYTES_IN_FILE = 2048;

    /** How packets are shown. */
    record Form(boolean isJson, boolean isTree, boolean isHex) {}

    boolean isToFile() {
        return file != null;
    }

    boolean isToStandardOutput() {
        return file == null || file.equals("-");
    }

    /** What the running culvert is asked for. */
    Map<String, Object> request() {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put(TraceVerb.TUNNELS, tunnels);
        request.put(TraceVerb.SNAP_BYTES, snapBytes == null ? usualSnapBytes() : snapBytes);
        request.put(TraceVerb.SAMPLE_ONE_IN, sampleOneIn);
        request.put(TraceVerb.DROPS_ONLY, isDropsOnly);
        return request;
    }

    /** In a file, packets of the usual MTU are whole; longer ones would fill the rings too soon. */
    private int usualSnapBytes() {
        return isToFile() ? USUAL_BYTES_IN_FILE : TraceOptions.DEFAULT_SNAP_BYTES;
    }
}
