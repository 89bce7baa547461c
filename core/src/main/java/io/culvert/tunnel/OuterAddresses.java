package io.culvert.tunnel;

import io.culvert.wire.Ipv6Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The outer addresses of a lane's tunnels as 32 bits each, so that a look-up compares one {@code
 * long} for both families: an IPv4 address is its own bits, an IPv6 address the number that it got
 * here.
 *
 * <p>An open-addressing hash table over the IPv6 addresses. Filled by one thread, then immutable.
 */
final class OuterAddresses {
    /** Any address; no packet has it. */
    static final int ANY = 0;

    /** An address that no tunnel names. */
    static final int UNKNOWN = -1;

    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final long[] halves; // high and low, by twice the slot
    private final int[] numbers;
    private int next = 1;

    /**
     * @param mostAddresses how many different ones may be added
     */
    OuterAddresses(int mostAddresses) {
        int capacity = Integer.highestOneBit(Math.max(2, mostAddresses) * 2) * 2;
        halves = new long[capacity * 2];
        numbers = new int[capacity];
    }

    /** The 32 bits for an address, which is remembered; {@link #ANY} for null. */
    int add(InetAddress address) {
        if (address == null) {
            return ANY;
        }
        if (!(address instanceof Inet6Address)) {
            return ByteBuffer.wrap(address.getAddress()).getInt(0);
        }
        long high = Ipv6Address.high(address);
        long low = Ipv6Address.low(address);
        int slot = slotOf(high, low);
        if (numbers[slot] == 0) {
            halves[2 * slot] = high;
            halves[2 * slot + 1] = low;
            numbers[slot] = next++;
        }
        return numbers[slot];
    }

    /** The number of an IPv6 address; {@link #UNKNOWN} for one that was never added. */
    int ipv6(long high, long low) {
        int number = numbers[slotOf(high, low)];
        return number == 0 ? UNKNOWN : number;
    }

    /** Where the address is, or belongs. */
    private int slotOf(long high, long low) {
        long mixed = (high * GOLDEN ^ Long.rotateLeft(low, 32)) * GOLDEN;
        int slot = (int) (mixed >>> 32) & numbers.length - 1;
        while (numbers[slot] != 0 && (halves[2 * slot] != high || halves[2 * slot + 1] != low)) {
            slot = slot + 1 & numbers.length - 1;
        }
        return slot;
    }
}
