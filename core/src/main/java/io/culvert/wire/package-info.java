/**
 * What bytes mean: one file per protocol, and nothing else knows an offset or a mask.
 *
 * <p>A header that is <em>read</em> is a reusable view over {@code (ByteBuffer memory, int at)}:
 * {@link io.culvert.wire.Ipv4Header}, {@link io.culvert.wire.Ipv6Header}, {@link
 * io.culvert.wire.GreHeader}, {@link io.culvert.wire.Icmpv4Message}, {@link
 * io.culvert.wire.Icmpv6Message}, {@link io.culvert.wire.TcpHeader}, {@link
 * io.culvert.wire.UdpHeader}. A view owns nothing and allocates nothing; it belongs to one thread
 * and is a field of its user. Memory is big-endian, and a view reads and writes it with absolute
 * accesses only: a buffer's position means nothing here, and neither it nor the limit moves.
 *
 * <p>Bytes from outside pass a view's {@code isValid(limitBytes)} once, where {@code limitBytes} is
 * what lies between {@code at} and the end of the packet. After {@code true} no accessor throws and
 * none checks again; before it, accessors may read a neighbour's bytes.
 *
 * <p>Unsigned wire values are widened: 8 and 16 bits come as {@code int}. Addresses, keys and
 * sequence numbers keep their 32 bits in an {@code int} whose sign means nothing.
 */
package io.culvert.wire;
