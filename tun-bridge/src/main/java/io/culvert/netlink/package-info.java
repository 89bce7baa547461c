/**
 * Links, addresses and routes, asked of the kernel and changed without an {@code ip} program.
 *
 * <p>Minimal containers have none, so this speaks rtnetlink itself. {@link
 * io.culvert.netlink.RouteNetlink} asks and changes, {@link io.culvert.netlink.RouteMonitor} hears
 * of changes. A socket belongs to the network namespace of the thread that opened it, also when
 * another thread uses it later. Nothing here is on a packet's way: it allocates freely.
 *
 * <p>Uses {@code io.culvert.linux} for system calls and {@code io.culvert.wire} for the text of
 * addresses, and nothing else.
 */
package io.culvert.netlink;
