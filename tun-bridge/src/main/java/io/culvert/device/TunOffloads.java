package io.culvert.device;

import java.util.StringJoiner;

/**
 * What the kernel leaves to whoever reads a TUN device, and takes in turn from who writes it.
 *
 * @param checksum packets may lack their TCP or UDP checksum; the device's packets have a {@link
 *     VirtioNetHeader}
 * @param tso4 TCP over IPv4 comes in super-packets of up to 64 KiB
 * @param tso6 the same over IPv6
 * @param uso UDP comes in super-packets too, and may be written so
 * @param reason why it is not all; empty when it is
 */
public record TunOffloads(
        boolean checksum, boolean tso4, boolean tso6, boolean uso, String reason) {
    // linux/if_tun.h
    static final int TUN_F_CSUM = 0x01;
    static final int TUN_F_TSO4 = 0x02;
    static final int TUN_F_TSO6 = 0x04;
    static final int TUN_F_TSO_ECN = 0x08;
    static final int TUN_F_USO4 = 0x20;
    static final int TUN_F_USO6 = 0x40;

    /** No offload at all. */
    static TunOffloads none(String reason) {
        return new TunOffloads(false, false, false, false, reason);
    }

    /** What the flags of an accepted {@code TUNSETOFFLOAD} mean. */
    static TunOffloads of(int flags, String reason) {
        int uso = TUN_F_USO4 | TUN_F_USO6;
        return new TunOffloads(
                (flags & TUN_F_CSUM) != 0,
                (flags & TUN_F_TSO4) != 0,
                (flags & TUN_F_TSO6) != 0,
                (flags & uso) == uso,
                reason);
    }

    /** Whether there is any: the kernel gives nothing without the checksum. */
    public boolean isOn() {
        return checksum;
    }

    /**
     * For people: {@code tso4 tso6 uso}, {@code checksum} when it is that alone, or {@code none}.
     */
    public String words() {
        StringJoiner words = new StringJoiner(" ");
        if (tso4) {
            words.add("tso4");
        }
        if (tso6) {
            words.add("tso6");
        }
        if (uso) {
            words.add("uso");
        }
        if (words.length() == 0) {
            words.add(checksum ? "checksum" : "none");
        }
        return words.toString();
    }
}
