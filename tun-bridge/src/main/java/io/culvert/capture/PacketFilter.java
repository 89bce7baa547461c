package io.culvert.capture;

import io.culvert.capture.CaptureException.Kind;
import io.culvert.observe.CaptureInterface;
import java.nio.ByteBuffer;
import org.pcap4j.core.BpfProgram;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.Pcaps;

/**
 * An expression of pcap-filter(7), compiled by libpcap: what {@code tcpdump} takes.
 *
 * <p>Copies each packet to hand it to libpcap. Confined to one thread at a time.
 */
public final class PacketFilter implements AutoCloseable {
    private static final int SNAP_LENGTH_BYTES = CaptureInterface.MOST_SNAP_LENGTH_BYTES;

    private final String expression;
    private final BpfProgram program;
    private byte[] copy = new byte[2048];

    private PacketFilter(String expression, BpfProgram program) {
        this.expression = expression;
        this.program = program;
    }

    /**
     * Compiles an expression.
     *
     * @param linkType what the packets begin with, a LINKTYPE number; {@code
     *     CaptureInterface.RAW_IP} for those of a tunnel's either side
     * @throws CaptureException with libpcap's words about a wrong expression, or when there is no
     *     libpcap
     */
    public static PacketFilter compile(String expression, int linkType) throws CaptureException {
        return Libpcap.use(
                () -> new PacketFilter(expression, compileNatively(expression, linkType)),
                complaint ->
                        new CaptureException(
                                Kind.USAGE,
                                "cannot use the filter \"%s\": %s (see pcap-filter(7))"
                                        .formatted(expression, words(complaint)),
                                complaint));
    }

    /** pcap4j's message without what it says of itself. */
    private static String words(PcapNativeException e) {
        return String.valueOf(e.getMessage()).replaceFirst("^Error occurred in [^:]*: ", "");
    }

    /** Older libpcaps compile one expression at a time only. */
    private static synchronized BpfProgram compileNatively(String expression, int linkType)
            throws PcapNativeException, NotOpenException {
        try (PcapHandle noDevice =
                Pcaps.openDead(Libpcap.dataLinkType(linkType), SNAP_LENGTH_BYTES)) {
            return noDevice.compileFilter(
                    expression, BpfCompileMode.OPTIMIZE, PcapHandle.PCAP_NETMASK_UNKNOWN);
        }
    }

    /** Whether the packet passes, of which all bytes are there. */
    public boolean matches(ByteBuffer memory, int at, int lengthBytes) {
        return matches(memory, at, lengthBytes, lengthBytes);
    }

    /** Whether the packet passes, of which these bytes were captured. */
    public boolean matches(ByteBuffer memory, int at, int capturedBytes, int originalBytes) {
        if (copy.length < capturedBytes) {
            copy = new byte[Math.max(capturedBytes, 2 * copy.length)];
        }
        memory.get(at, copy, 0, capturedBytes);
        return program.applyFilter(copy, originalBytes, capturedBytes);
    }

    /** The expression as it was given. */
    public String expression() {
        return expression;
    }

    /** Gives libpcap its memory back; the filter must not be used any more. */
    @Override
    public void close() {
        program.free();
    }
}
