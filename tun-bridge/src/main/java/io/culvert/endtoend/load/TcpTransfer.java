package io.culvert.endtoend.load;

/**
 * What a TCP transfer came to.
 *
 * @param bytes payload that arrived
 * @param seconds how long it took
 * @param retransmissions segments that were sent again, or -1 when nobody counted
 */
public record TcpTransfer(long bytes, double seconds, long retransmissions) {

    public double gigabitsPerSecond() {
        return bytes * 8 / seconds / 1e9;
    }

    public double gigabytes() {
        return bytes / 1e9;
    }
}
