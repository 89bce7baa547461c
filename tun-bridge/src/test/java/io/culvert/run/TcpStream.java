package io.culvert.run;

import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/** A TCP connection between two hosts that carries data one way as fast as it can, and counts. */
final class TcpStream implements AutoCloseable {
    private static final int PORT = 5001;

    private final ServerSocket server;
    private final Socket sender;
    private final Socket receiver;
    private final AtomicLong received = new AtomicLong();
    private final FutureTask<Long> sentSum = new FutureTask<>(this::send);
    private final FutureTask<Long> receivedSum = new FutureTask<>(this::receive);
    private volatile boolean isEnding;

    TcpStream(NetworkNamespace from, NetworkNamespace to, String address) throws Exception {
        InetAddress destination = InetAddress.getByName(address);
        server = NamespaceThread.call(to, () -> new ServerSocket(PORT));
        sender = NamespaceThread.call(from, () -> new Socket(destination, PORT));
        receiver = server.accept();
        new Thread(sentSum, "sender").start();
        new Thread(receivedSum, "receiver").start();
    }

    private long send() throws IOException {
        CRC32 sum = new CRC32();
        byte[] block = new byte[16 * 1024];
        OutputStream out = sender.getOutputStream();
        for (byte round = 0; !isEnding; round++) {
            block[0] = round;
            sum.update(block);
            out.write(block);
        }
        sender.shutdownOutput();
        return sum.getValue();
    }

    private long receive() throws IOException {
        CRC32 sum = new CRC32();
        byte[] block = new byte[64 * 1024];
        InputStream in = receiver.getInputStream();
        for (int length = in.read(block); length >= 0; length = in.read(block)) {
            sum.update(block, 0, length);
            received.addAndGet(length);
        }
        return sum.getValue();
    }

    /** Waits until so many more bytes have arrived. */
    void awaitMore(int bytes) {
        long wanted = received.get() + bytes;
        Eventually.isTrue(bytes + " bytes more arrive", () -> received.get() >= wanted);
    }

    /** Stops sending; whether all that was sent has arrived as it was. */
    boolean endsWhole() throws Exception {
        isEnding = true;
        return sentSum.get().equals(receivedSum.get());
    }

    @Override
    public void close() throws IOException {
        sender.close();
        receiver.close();
        server.close();
    }
}
