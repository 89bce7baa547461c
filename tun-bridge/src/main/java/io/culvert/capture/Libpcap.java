package io.culvert.capture;

import io.culvert.observe.CaptureInterface;
import java.util.function.Function;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.packet.namednumber.DataLinkType;

/** What has to be known of libpcap before it is used. */
final class Libpcap {
    private static final String MISSING =
            "libpcap is not installed, and live captures and filters need it"
                    + " (Debian: apt-get install libpcap0.8; Alpine: apk add libpcap)";

    private Libpcap() {}

    /** A use of libpcap. */
    @FunctionalInterface
    interface Use<T> {
        T run() throws PcapNativeException, NotOpenException;
    }

    /**
     * Uses libpcap.
     *
     * @param refusal what a refusal of libpcap's is to the user
     * @throws CaptureException that refusal, or one sentence when the library is not there
     */
    static <T> T use(Use<T> use, Function<PcapNativeException, CaptureException> refusal)
            throws CaptureException {
        try {
            return use.run();
        } catch (PcapNativeException e) {
            throw refusal.apply(e);
        } catch (NotOpenException e) {
            throw new IllegalStateException("used after it was closed", e);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
            throw new CaptureException(CaptureException.Kind.UNAVAILABLE, MISSING, e);
        }
    }

    /** Without the line ends that libpcap puts into longer messages. */
    static String firstSentence(String words) {
        return words.lines().findFirst().orElse("libpcap does not say why").strip();
    }

    /** libpcap's own number of a link type, which for raw IP is not that of files. */
    static DataLinkType dataLinkType(int linkType) {
        return linkType == CaptureInterface.RAW_IP
                ? DataLinkType.RAW
                : DataLinkType.getInstance(linkType);
    }

    /** The LINKTYPE number of libpcap's own. */
    static int linkType(DataLinkType type) {
        return type.equals(DataLinkType.RAW) ? CaptureInterface.RAW_IP : type.value();
    }
}
