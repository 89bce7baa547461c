/**
 * Packet devices as Netty channels: their descriptors on the event loop's epoll, their packets as
 * {@link io.culvert.packet.PacketBatch} messages in a pipeline.
 */
package io.culvert.channel;
