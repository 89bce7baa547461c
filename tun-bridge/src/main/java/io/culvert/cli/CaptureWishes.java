package io.culvert.cli;

import io.culvert.dissect.Dissector;

/**
 * What {@code culvert capture} was asked for.
 *
 * @param interfaceName where to listen; null to read a file
 * @param input the file to read; null to listen
 * @param filter an expression of pcap-filter(7); may be empty
 * @param output where to write tunnelled packets; null for nowhere
 * @param count after how many tunnelled packets to end
 * @param seconds after how long to end
 * @param mostTunnels how many tunnels are told apart
 * @param isJsonWanted whether the result is for a program
 * @param verbosity 1 for a line a packet, 2 for all of its fields
 */
record CaptureWishes(
        String interfaceName,
        String input,
        String filter,
        String output,
        long count,
        double seconds,
        int mostTunnels,
        boolean isJsonWanted,
        int verbosity,
        Dissector dissector) {

    boolean isLive() {
        return input == null;
    }
}
