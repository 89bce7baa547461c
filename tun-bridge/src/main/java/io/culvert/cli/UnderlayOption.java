package io.culvert.cli;

import io.culvert.control.TunnelConfig;
import io.culvert.control.WordsException;
import io.culvert.device.LocalPackets;
import io.culvert.device.UnderlayKind;
import java.util.List;

/** The option {@code --underlay}, and what it asks of tunnels. */
final class UnderlayOption {
    private UnderlayOption() {}

    static UnderlayKind kind(String word) {
        return switch (word) {
            case "raw" -> UnderlayKind.RAW;
            case "packet" -> UnderlayKind.PACKET;
            default ->
                    throw new WordsException(
                            "\"--underlay\" takes raw or packet, not \"" + word + "\"");
        };
    }

    /**
     * Checks that the tunnels can be carried so.
     *
     * @throws WordsException that says which one cannot, and what to add
     */
    static void check(UnderlayKind kind, List<TunnelConfig> configs) {
        if (kind == UnderlayKind.RAW) {
            return;
        }
        for (TunnelConfig config : configs) {
            if (config.spec().local() == null) {
                throw new WordsException(
                        config.spec().name()
                                + ": --underlay packet takes packets for addresses that it knows:"
                                + " add local ADDR");
            }
        }
        long addresses = configs.stream().map(c -> c.spec().local()).distinct().count();
        if (addresses > LocalPackets.MOST_ADDRESSES) {
            throw new WordsException(
                    "--underlay packet takes packets for %d local addresses at most, not %d"
                            .formatted(LocalPackets.MOST_ADDRESSES, addresses));
        }
    }
}
