package io.culvert.capture;

import io.culvert.capture.CaptureException.Kind;
import io.culvert.observe.CapturedPacket;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.sql.Timestamp;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.BlockingMode;
import org.pcap4j.core.PcapHandle.TimestampPrecision;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.core.PcapStat;

/**
 * The packets of a network interface as they come, by libpcap; {@code any} stands for all of them.
 * Confined to one thread.
 */
public final class LiveCapture implements AutoCloseable {
    /** Room for bursts between kernel and us: a tenth of a second at 1 Gb/s, and more. */
    private static final int BUFFER_BYTES = 16 << 20;

    /** How long the kernel may hold packets back to hand over more at once. */
    private static final int BLOCK_MILLIS = 50;

    private static final int IDLE_MILLIS = 10;

    private final PcapHandle handle;
    private final int waitMillis;
    private final String interfaceName;
    private final int linkType;

    private LiveCapture(PcapHandle handle, String interfaceName, int waitMillis) {
        this.handle = handle;
        this.waitMillis = waitMillis;
        this.interfaceName = interfaceName;
        this.linkType = Libpcap.linkType(handle.getDlt());
    }

    /**
     * What the kernel counts.
     *
     * @param received packets that passed the filter
     * @param dropped packets that found the buffer full
     * @param droppedByInterface packets that the interface or its driver dropped
     */
    public record Statistics(long received, long dropped, long droppedByInterface) {}

    /**
     * Begins.
     *
     * @param interfaceName its name, or {@code any}
     * @param filter an expression of pcap-filter(7), that the kernel applies; empty for none
     * @param snapLengthBytes the most that is kept of a packet
     * @param waitMillis how long {@link #next} waits at most
     * @throws CaptureException with a sentence for the user
     */
    public static LiveCapture open(
            String interfaceName, String filter, int snapLengthBytes, int waitMillis)
            throws CaptureException {
        PcapHandle handle =
                Libpcap.use(
                        () ->
                                new PcapHandle.Builder(interfaceName)
                                        .snaplen(snapLengthBytes)
                                        .promiscuousMode(PromiscuousMode.NONPROMISCUOUS)
                                        .timeoutMillis(BLOCK_MILLIS)
                                        .bufferSize(BUFFER_BYTES)
                                        .timestampPrecision(TimestampPrecision.NANO)
                                        .build(),
                        refusal -> cannotCapture(interfaceName, refusal));
        LiveCapture capture = new LiveCapture(handle, interfaceName, waitMillis);
        try {
            capture.filter(filter);
            capture.doNotBlock();
            return capture;
        } catch (CaptureException e) {
            handle.close();
            throw e;
        }
    }

    private void filter(String expression) throws CaptureException {
        if (expression.isEmpty()) {
            return;
        }
        // compiled apart from the handle first, because that tells what is wrong with it
        PacketFilter.compile(expression, linkType).close();
        Libpcap.use(
                () -> {
                    handle.setFilter(expression, BpfCompileMode.OPTIMIZE);
                    return null;
                },
                refusal -> cannotCapture(interfaceName, refusal));
    }

    /**
     * libpcap's own timeout does not end a wait for the first packet on Linux, so that an idle
     * interface would keep us from ever looking at a signal.
     */
    private void doNotBlock() throws CaptureException {
        Libpcap.use(
                () -> {
                    handle.setBlockingMode(BlockingMode.NONBLOCKING);
                    return null;
                },
                refusal -> cannotCapture(interfaceName, refusal));
    }

    private static CaptureException cannotCapture(String interfaceName, PcapNativeException e) {
        String words = String.valueOf(e.getMessage());
        boolean isForbidden =
                words.contains("permission") || words.contains("Operation not permitted");
        boolean isAbsent = words.contains("No such device");
        String advice =
                isForbidden
                        ? "; it needs CAP_NET_RAW, which root of the host has"
                        : isAbsent ? "; the interfaces are in \"ip link\"" : "";
        Kind kind = isForbidden ? Kind.NO_PERMISSION : isAbsent ? Kind.UNAVAILABLE : Kind.FAILED;
        return new CaptureException(
                kind,
                "cannot capture on " + interfaceName + ": " + Libpcap.firstSentence(words) + advice,
                e);
    }

    /**
     * The next packet, waiting for it for a while.
     *
     * @return null when none came
     * @throws CaptureException when the interface went away
     */
    public CapturedPacket next() throws CaptureException {
        try {
            for (int waited = 0; waited < waitMillis; waited += IDLE_MILLIS) {
                byte[] bytes = nextBytes();
                if (bytes != null) {
                    return packet(bytes);
                }
                Thread.sleep(IDLE_MILLIS);
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private byte[] nextBytes() throws CaptureException {
        try {
            return handle.getNextRawPacketEx();
        } catch (TimeoutException e) {
            return null;
        } catch (PcapNativeException e) {
            throw cannotCapture(interfaceName, e);
        } catch (EOFException | NotOpenException e) {
            throw new IllegalStateException("used after it was closed", e);
        }
    }

    private CapturedPacket packet(byte[] bytes) {
        Timestamp time = handle.getTimestamp();
        long epochNanos =
                TimeUnit.MILLISECONDS.toSeconds(time.getTime()) * 1_000_000_000L + time.getNanos();
        return new CapturedPacket(
                0,
                epochNanos,
                ByteBuffer.wrap(bytes),
                handle.getOriginalLength(),
                CapturedPacket.Direction.UNKNOWN,
                List.of());
    }

    /** What its packets begin with, a LINKTYPE number. */
    public int linkType() {
        return linkType;
    }

    /** Counts since the beginning. */
    public Statistics statistics() throws CaptureException {
        PcapStat counts =
                Libpcap.use(handle::getStats, refusal -> cannotCapture(interfaceName, refusal));
        return new Statistics(
                counts.getNumPacketsReceived(),
                counts.getNumPacketsDropped(),
                counts.getNumPacketsDroppedByIf());
    }

    @Override
    public void close() {
        handle.close();
    }
}
