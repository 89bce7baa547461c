package io.culvert.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;

/** What {@code ethtool -k} shows: a network device's switchable features. */
public final class LinkFeatures {
    /** Joins datagrams on their way in that no socket of this host asks for. */
    public static final String UDP_FORWARDING = "rx-udp-gro-forwarding";

    /** Joins packets on their way in to lists; in tunnels it joins datagrams, too. */
    public static final String LISTS = "rx-gro-list";

    private static final long SIOCETHTOOL = 0x8946; // linux/sockios.h
    private static final int IFREQ_DATA = 16; // net/if.h

    // linux/ethtool.h
    private static final int ETHTOOL_GSTRINGS = 0x1b;
    private static final int ETHTOOL_GSSET_INFO = 0x37;
    private static final int ETHTOOL_GFEATURES = 0x3a;
    private static final int ETH_SS_FEATURES = 4;
    private static final int STRING_BYTES = 32;
    private static final int STRINGS_AT = 12;
    private static final int SET_INFO_BYTES = 20;
    private static final int SET_MASK_AT = 8;
    private static final int SET_SIZE_AT = 16;
    private static final int BLOCKS_AT = 8;
    private static final int BLOCK_BYTES = 16;
    private static final int ACTIVE_AT = 8;

    private static final int NAMEINDEX_BYTES = 16; // net/if.h: unsigned int, char *
    private static final int NAMEINDEX_NAME = 8;

    private LinkFeatures() {}

    /**
     * Whether any device of the calling thread's namespace joins datagrams that come in tunnels.
     */
    public static boolean joinDatagrams() {
        long names = LibC.if_nameindex();
        if (names == 0) {
            return false;
        }
        try {
            boolean isJoining = false;
            for (long at = names; !isJoining; at += NAMEINDEX_BYTES) {
                ByteBuffer entry = NativeMemory.at(at, NAMEINDEX_BYTES).bytes();
                if (entry.getInt(0) == 0) {
                    break;
                }
                long name = entry.getLong(NAMEINDEX_NAME);
                Set<String> active =
                        active(NativeMemory.at(name, Abi.IFNAMSIZ).text(0, Abi.IFNAMSIZ));
                isJoining = active.contains(UDP_FORWARDING) || active.contains(LISTS);
            }
            return isJoining;
        } finally {
            LibC.if_freenameindex(names);
        }
    }

    /**
     * The features that are on; empty where the kernel does not tell, or there is no such device.
     *
     * @param link a device of the calling thread's network namespace
     */
    public static Set<String> active(String link) {
        LinuxSocket socket =
                LinuxSocket.open(
                        LinuxSocket.AF_INET, LinuxSocket.SOCK_DGRAM, 0, "socket to ask devices by");
        try {
            return active(socket.fd(), link);
        } finally {
            socket.close();
        }
    }

    private static Set<String> active(int fd, String link) {
        Set<String> active = new TreeSet<>();
        NativeMemory info = request(SET_INFO_BYTES, ETHTOOL_GSSET_INFO);
        info.bytes().putLong(SET_MASK_AT, 1L << ETH_SS_FEATURES);
        if (!ask(fd, link, info)) {
            return active;
        }
        int features = info.bytes().getInt(SET_SIZE_AT);
        NativeMemory names = request(STRINGS_AT + features * STRING_BYTES, ETHTOOL_GSTRINGS);
        names.bytes().putInt(4, ETH_SS_FEATURES).putInt(8, features);
        int blocks = (features + Integer.SIZE - 1) / Integer.SIZE;
        NativeMemory states = request(BLOCKS_AT + blocks * BLOCK_BYTES, ETHTOOL_GFEATURES);
        states.bytes().putInt(4, blocks);
        if (ask(fd, link, names) && ask(fd, link, states)) {
            ByteBuffer bits = states.bytes();
            for (int i = 0; i < features; i++) {
                int block = BLOCKS_AT + i / Integer.SIZE * BLOCK_BYTES;
                if ((bits.getInt(block + ACTIVE_AT) >>> i % Integer.SIZE & 1) != 0) {
                    active.add(names.text(STRINGS_AT + i * STRING_BYTES, STRING_BYTES));
                }
            }
        }
        return active;
    }

    private static NativeMemory request(int bytes, int command) {
        NativeMemory request = NativeMemory.allocate(bytes);
        request.bytes().putInt(0, command);
        return request;
    }

    private static boolean ask(int fd, String link, NativeMemory request) {
        NativeMemory ifreq = NativeMemory.allocate(Abi.IFREQ_BYTES);
        ifreq.text(Abi.IFREQ_NAME, link);
        ifreq.bytes().putLong(IFREQ_DATA, request.address());
        boolean isTold = LibC.ioctl(fd, SIOCETHTOOL, ifreq.address()) >= 0;
        Reference.reachabilityFence(request);
        return isTold;
    }
}
