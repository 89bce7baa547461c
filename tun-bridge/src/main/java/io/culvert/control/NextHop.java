package io.culvert.control;

/**
 * Where a tunnel's outer packets go first.
 *
 * @param interfaceIndex the interface they leave by
 * @param linkAddress the neighbour's Ethernet address, in the lower 48 bits
 * @param linkMtu the largest packet that may take this way, in bytes: the smaller one of the
 *     interface's MTU and the route's
 */
record NextHop(int interfaceIndex, long linkAddress, int linkMtu) {}
