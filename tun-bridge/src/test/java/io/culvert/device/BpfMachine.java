package io.culvert.device;

import io.culvert.linux.ClassicBpf;
import io.culvert.linux.ClassicBpf.Instruction;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Runs classic BPF programs as Documentation/networking/filter.rst of Linux describes the machine,
 * as far as a flow split needs it.
 */
final class BpfMachine {
    private static final int SKF_AD_PKTTYPE = -0x1000 + 4; // linux/filter.h

    private final List<Instruction> program;
    private final int[] memory = new int[16];
    private int packetType;

    BpfMachine(ClassicBpf program) {
        this.program = program.instructions();
    }

    /** What SKF_AD_PKTTYPE of linux/filter.h loads; 0, PACKET_HOST, at first. */
    void packetType(int type) {
        packetType = type;
    }

    /** Bytes of the packet that come in, as an unsigned number; 0 for none. */
    long run(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        int a = 0;
        int x = 0;
        for (int at = 0; ; at++) {
            Instruction next = program.get(at);
            int k = next.operand();
            boolean usesX = (next.code() & 0x08) != 0;
            int source = usesX ? x : k;
            int size = (next.code() & 0x18) == 0 ? 4 : (next.code() & 0x18) == 0x08 ? 2 : 1;
            long from = (next.code() & 0xe0) == 0x40 ? (x & 0xffffffffL) + k : k;
            switch (next.code()) {
                case 0x20, 0x28, 0x30, 0x40, 0x48, 0x50 -> {
                    if (k == SKF_AD_PKTTYPE) {
                        a = packetType;
                        break;
                    }
                    if (from + size > packet.length) {
                        return 0;
                    }
                    int position = (int) from;
                    a =
                            switch (size) {
                                case 4 -> bytes.getInt(position);
                                case 2 -> bytes.getShort(position) & 0xffff;
                                default -> bytes.get(position) & 0xff;
                            };
                }
                case 0x80 -> a = packet.length;
                case 0xb1 -> {
                    if (k >= packet.length) {
                        return 0;
                    }
                    x = (bytes.get(k) & 0x0f) * 4;
                }
                case 0x60 -> a = memory[k];
                case 0x61 -> x = memory[k];
                case 0x02 -> memory[k] = a;
                case 0x03 -> memory[k] = x;
                case 0x07 -> x = a;
                case 0x87 -> a = x;
                case 0x04, 0x0c -> a += source;
                case 0x24, 0x2c -> a *= source;
                case 0x54, 0x5c -> a &= source;
                case 0x64, 0x6c -> a <<= source;
                case 0x74, 0x7c -> a >>>= source;
                case 0x94, 0x9c -> a = Integer.remainderUnsigned(a, source);
                case 0xa4, 0xac -> a ^= source;
                case 0x05 -> at += k;
                case 0x15, 0x1d -> at += branch(next, a == source);
                case 0x35, 0x3d -> at += branch(next, Integer.compareUnsigned(a, source) >= 0);
                case 0x45, 0x4d -> at += branch(next, (a & source) != 0);
                case 0x06 -> {
                    return k & 0xffffffffL;
                }
                default -> throw new IllegalStateException("instruction " + next);
            }
        }
    }

    private static int branch(Instruction jump, boolean isTrue) {
        return isTrue ? jump.skipIfTrue() : jump.skipIfFalse();
    }
}
