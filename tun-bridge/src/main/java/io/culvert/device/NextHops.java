package io.culvert.device;

import java.util.Arrays;

/** Where each tunnel's packets go first, by the tunnels' indices in a lane. */
final class NextHops {
    private int[] interfaceIndex = new int[16];
    private int[] linkMtu = new int[16];
    private long[] linkAddress = new long[16];

    void put(int tunnelIndex, int leavesBy, long neighbour, int mtu) {
        if (tunnelIndex >= interfaceIndex.length) {
            int tunnels = 2 * tunnelIndex;
            interfaceIndex = Arrays.copyOf(interfaceIndex, tunnels);
            linkMtu = Arrays.copyOf(linkMtu, tunnels);
            linkAddress = Arrays.copyOf(linkAddress, tunnels);
        }
        interfaceIndex[tunnelIndex] = leavesBy;
        linkAddress[tunnelIndex] = neighbour;
        linkMtu[tunnelIndex] = mtu;
    }

    void remove(int tunnelIndex) {
        if (tunnelIndex < linkMtu.length) {
            linkMtu[tunnelIndex] = 0;
        }
    }

    /** The largest packet of the tunnel that its link takes, in bytes; 0 when none is known. */
    int linkMtu(int tunnelIndex) {
        return tunnelIndex >= 0 && tunnelIndex < linkMtu.length ? linkMtu[tunnelIndex] : 0;
    }

    /** Of a tunnel whose link is known. */
    int interfaceIndex(int tunnelIndex) {
        return interfaceIndex[tunnelIndex];
    }

    /** Of a tunnel whose link is known; in the lower 48 bits. */
    long linkAddress(int tunnelIndex) {
        return linkAddress[tunnelIndex];
    }
}
