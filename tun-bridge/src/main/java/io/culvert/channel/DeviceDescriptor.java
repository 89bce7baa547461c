package io.culvert.channel;

import io.netty.channel.unix.FileDescriptor;

/** A device's descriptor as Netty knows it; the device alone closes it. */
final class DeviceDescriptor extends FileDescriptor {
    DeviceDescriptor(int fd) {
        super(fd);
    }

    @Override
    public void close() {
        markClosed();
    }
}
