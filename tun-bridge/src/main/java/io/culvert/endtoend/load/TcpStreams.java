package io.culvert.endtoend.load;

import io.culvert.endtoend.contender.Way;
import io.culvert.endtoend.host.CommandFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Our own TCP sender, for machines without iperf3: zeros from memory, thrown away at the end. */
final class TcpStreams implements TcpLoad {
    private static final int PORT = 5201;
    private static final int CHUNK_BYTES = 128 * 1024;
    private static final int CONNECT_MILLIS = 5_000;

    @Override
    public String name() {
        return "TCP senders of culvert";
    }

    @Override
    public TcpTransfer send(Way way, int streams, Duration duration) throws InterruptedException {
        InetSocketAddress target = new InetSocketAddress(way.target(), PORT);
        FutureTask<ServerSocketChannel> listening =
                way.topology().right().submit("listener", () -> listen(target, streams));
        try (ServerSocketChannel server = result(listening)) {
            List<FutureTask<Long>> received = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                received.add(way.topology().right().submit("receiver", () -> receive(server)));
            }
            long begin = System.nanoTime();
            long end = begin + duration.toNanos();
            List<FutureTask<Long>> sent = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                sent.add(way.topology().left().submit("sender", () -> sendUntil(target, end)));
            }
            for (FutureTask<Long> sender : sent) {
                result(sender);
            }
            long bytes = 0;
            for (FutureTask<Long> receiver : received) {
                bytes += result(receiver);
            }
            return new TcpTransfer(bytes, (System.nanoTime() - begin) / 1e9, -1);
        } catch (IOException e) {
            throw new CommandFailure("cannot close a TCP listener: " + e.getMessage(), e);
        }
    }

    private static ServerSocketChannel listen(InetSocketAddress address, int backlog)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        return server.bind(address, backlog);
    }

    private static long receive(ServerSocketChannel server) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (SocketChannel connection = server.accept()) {
            long bytes = 0;
            for (int read = 0; read >= 0; read = connection.read(chunk)) {
                bytes += read;
                chunk.clear();
            }
            return bytes;
        }
    }

    private static long sendUntil(InetSocketAddress target, long endNanos) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (SocketChannel connection = SocketChannel.open()) {
            connection.socket().connect(target, CONNECT_MILLIS);
            long bytes = 0;
            while (System.nanoTime() - endNanos < 0) {
                chunk.clear();
                bytes += connection.write(chunk);
            }
            return bytes;
        }
    }

    private static <T> T result(FutureTask<T> task) throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new CommandFailure("TCP: " + e.getCause().getMessage(), e);
        }
    }
}
