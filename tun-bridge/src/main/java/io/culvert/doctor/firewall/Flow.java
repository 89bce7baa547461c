package io.culvert.doctor.firewall;

/**
 * The packet that rules are asked about.
 *
 * @param protocol IP protocol number; -1 when it may be any
 * @param source IPv4 address bits; 0 when unknown
 * @param destination IPv4 address bits; 0 when unknown
 * @param inDevice the device it came by; empty for none, {@code null} when unknown
 * @param outDevice the device it leaves by; empty for none, {@code null} when unknown
 * @param state what connection tracking makes of it
 */
public record Flow(
        int protocol,
        int source,
        int destination,
        String inDevice,
        String outDevice,
        ConnectionState state) {

    /** Any IPv4 packet that came by a device and is to go on. */
    public static Flow anyFrom(String device) {
        return new Flow(-1, 0, 0, device, null, ConnectionState.NEW);
    }

    /** The same packet in another state. */
    public Flow in(ConnectionState other) {
        return new Flow(protocol, source, destination, inDevice, outDevice, other);
    }
}
