package io.culvert.channel;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A descriptor as a Netty channel on epoll: how it comes to an event loop, hears from it and ends.
 * What is read and written when epoll tells of it, {@link FdChannel} knows.
 *
 * <p>Netty's own {@code AbstractEpollChannel} is not public.
 */
public abstract class EpollChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    private static final AtomicLong CREATED = new AtomicLong();

    private final DeviceDescriptor descriptor;
    private final EpollWatch watch = new EpollWatch();

    // Made while the superclass constructs the pipeline: an initializer would undo that.
    private Unsafe unsafe;
    private DeviceUnsafe transport;

    private volatile boolean open = true;

    EpollChannel(int fd) {
        super(null);
        this.descriptor = new DeviceDescriptor(fd);
    }

    /**
     * A number. Netty's own identities hold a hardware address of the host: it looks for one on
     * every link, and warns of a host that has only {@code lo}.
     */
    @Override
    protected final ChannelId newId() {
        return new NumberedId(CREATED.incrementAndGet());
    }

    private record NumberedId(long number) implements ChannelId {
        private static final long serialVersionUID = 1L;

        @Override
        public String asShortText() {
            return Long.toString(number);
        }

        @Override
        public String asLongText() {
            return asShortText();
        }

        @Override
        public int compareTo(ChannelId other) {
            return other instanceof NumberedId numbered
                    ? Long.compare(number, numbered.number)
                    : asLongText().compareTo(other.asLongText());
        }
    }

    /** What epoll told about the descriptor. */
    abstract void ready(EpollIoOps told);

    /** Whether nothing can be written until epoll tells that it can. */
    abstract boolean awaitsDevice();

    /** Closes what the descriptor belongs to; once. */
    abstract void closeDevice();

    /** Puts in front of Netty's own transport what is to take the messages; during construction. */
    abstract Unsafe inFrontOf(Unsafe transport);

    final EpollWatch watch() {
        return watch;
    }

    /** Writes what waits, when epoll has told that it can be. */
    final void flushNow() {
        transport.flush0();
    }

    /** Ends the channel for what its device cannot go on from. */
    final void fail(RuntimeException cause) {
        pipeline().fireExceptionCaught(cause);
        transport.close();
    }

    /**
     * Starts the channel's life on a lane; handlers are added before or right after.
     *
     * @return completed when the channel is active; failed, with the device closed, when epoll
     *     refuses the descriptor
     * @throws IllegalStateException when the event loop is not one on epoll; nothing has happened
     *     then
     */
    public final ChannelFuture registerWith(EventLoop lane) {
        ChannelPromise promise = new DefaultChannelPromise(this, lane);
        unsafe().register(lane, promise);
        return promise;
    }

    @Override
    protected final boolean isCompatible(EventLoop loop) {
        if (loop instanceof IoEventLoop io && io.isCompatible(DeviceUnsafe.class)) {
            return true;
        }
        throw new IllegalStateException(
                "cannot register "
                        + getClass().getSimpleName()
                        + " with "
                        + loop.getClass().getName()
                        + ": it needs an event loop on epoll, such as LaneGroup opens");
    }

    @Override
    protected final void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop())
                .register(transport)
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                attach((IoRegistration) done.getNow(), promise);
                            } else {
                                promise.setFailure(done.cause());
                            }
                        });
    }

    private void attach(IoRegistration toEpoll, ChannelPromise promise) {
        try {
            watch.attach(toEpoll);
        } catch (UncheckedIOException e) {
            promise.setFailure(e);
            return;
        }
        promise.setSuccess();
    }

    @Override
    protected final void doDeregister() {
        watch.detach();
    }

    @Override
    protected final void doClose() {
        open = false;
        doDeregister();
        descriptor.close();
        closeDevice();
    }

    @Override
    protected final void doDisconnect() {
        doClose();
    }

    @Override
    protected final void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException("the device was bound when it was opened");
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final boolean isActive() {
        return open;
    }

    @Override
    public final ChannelMetadata metadata() {
        return METADATA;
    }

    /** None: a packet device has no address of its own. */
    @Override
    protected final SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected final SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected final AbstractUnsafe newUnsafe() {
        transport = new DeviceUnsafe();
        unsafe = inFrontOf(transport);
        return transport;
    }

    @Override
    public final Unsafe unsafe() {
        return unsafe;
    }

    /** What the event loop holds on to. */
    private final class DeviceUnsafe extends AbstractUnsafe implements EpollIoHandle {
        @Override
        public FileDescriptor fd() {
            return descriptor;
        }

        @Override
        public void handle(IoRegistration source, IoEvent event) {
            // What escapes from here makes Netty's loop sleep for a second, and the lane with it.
            try {
                ready(((EpollIoEvent) event).ops());
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        @Override
        protected void flush0() {
            if (!awaitsDevice()) {
                super.flush0();
            }
        }

        @Override
        public void close() {
            close(voidPromise());
        }

        @Override
        public void connect(
                SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            safeSetFailure(
                    promise, new UnsupportedOperationException("a packet device does not connect"));
        }
    }
}
