package io.culvert.spec;

/**
 * What concerns a tunnel's network device and not its packets. Immutable.
 *
 * @param innerMtu the device's MTU in bytes, or 0 to derive it from the underlay's
 * @param keepalive how the peer is asked whether it is there; null to ask nothing
 */
public record DeviceSpec(int innerMtu, KeepaliveSpec keepalive) {}
