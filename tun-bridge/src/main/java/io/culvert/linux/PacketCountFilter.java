package io.culvert.linux;

import java.lang.ref.Reference;

/*
 * Classic BPF keeps nothing from packet to packet, so this is an eBPF program with a map of one
 * element, for whom the kernel's own headers are the documentation:
 *
 *   *(u32 *)(r10 - 4) = 0        the key, on the stack
 *   r2 = r10; r2 += -4
 *   r1 = map
 *   call map_lookup_elem
 *   if r0 == 0 goto end
 *   r1 = 1
 *   lock *(u64 *)(r0 + 0) += r1
 *   end: r0 = 0; exit
 */

/**
 * A socket filter that counts the packets that it is asked about, and lets none of them in.
 *
 * <p>It needs CAP_BPF, which is more than tunnels need. Any thread.
 */
public final class PacketCountFilter implements AutoCloseable {
    // linux/bpf.h: enum bpf_cmd, bpf_map_type, bpf_prog_type, bpf_func_id
    private static final int BPF_MAP_CREATE = 0;
    private static final int BPF_MAP_LOOKUP_ELEM = 1;
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_MAP_TYPE_ARRAY = 2;
    private static final int BPF_PROG_TYPE_SOCKET_FILTER = 1;
    private static final int BPF_FUNC_MAP_LOOKUP_ELEM = 1;
    private static final int BPF_PSEUDO_MAP_FD = 1;

    private static final int ATTR_BYTES = 128; // linux/bpf.h: union bpf_attr, its older part
    private static final int INSTRUCTION_BYTES = 8; // linux/bpf.h: struct bpf_insn
    private static final int KEY_BYTES = 4;

    private final int mapFd;
    private final int programFd;
    private final NativeMemory key = NativeMemory.allocate(KEY_BYTES);
    private final NativeMemory count = NativeMemory.allocate(Long.BYTES);
    private long packets;
    private boolean isClosed;

    private PacketCountFilter(int mapFd, int programFd) {
        this.mapFd = mapFd;
        this.programFd = programFd;
    }

    /**
     * Attaches one to a socket.
     *
     * @return null where the kernel does not let us; nothing has changed then
     */
    public static PacketCountFilter attachTo(LinuxSocket socket) {
        int mapFd = createMap();
        if (mapFd < 0) {
            return null;
        }
        int programFd = load(mapFd);
        PacketCountFilter filter = new PacketCountFilter(mapFd, programFd);
        boolean isAttached =
                programFd >= 0
                        && socket.tryOption(
                                LinuxSocket.SOL_SOCKET, LinuxSocket.SO_ATTACH_BPF, programFd);
        if (!isAttached) {
            filter.close();
            return null;
        }
        return filter;
    }

    private static int createMap() {
        NativeMemory attr = NativeMemory.allocate(ATTR_BYTES);
        attr.bytes()
                .putInt(0, BPF_MAP_TYPE_ARRAY)
                .putInt(4, KEY_BYTES)
                .putInt(8, Long.BYTES)
                .putInt(12, 1); // elements
        return bpf(BPF_MAP_CREATE, attr);
    }

    private static int load(int mapFd) {
        NativeMemory program = NativeMemory.allocate(12 * INSTRUCTION_BYTES);
        int at = 0;
        at = put(program, at, 0x62, 10, 0, -4, 0); // BPF_ST_MEM(BPF_W, R10, -4, 0)
        at = put(program, at, 0xbf, 2, 10, 0, 0); // BPF_MOV64_REG(R2, R10)
        at = put(program, at, 0x07, 2, 0, 0, -4); // BPF_ALU64_IMM(BPF_ADD, R2, -4)
        at = put(program, at, 0x18, 1, BPF_PSEUDO_MAP_FD, 0, mapFd); // BPF_LD_MAP_FD(R1, map)
        at = put(program, at, 0, 0, 0, 0, 0);
        at = put(program, at, 0x85, 0, 0, 0, BPF_FUNC_MAP_LOOKUP_ELEM); // BPF_CALL
        at = put(program, at, 0x15, 0, 0, 2, 0); // BPF_JMP_IMM(BPF_JEQ, R0, 0, 2)
        at = put(program, at, 0xb7, 1, 0, 0, 1); // BPF_MOV64_IMM(R1, 1)
        at = put(program, at, 0xdb, 0, 1, 0, 0); // BPF_ATOMIC_OP(BPF_DW, BPF_ADD, R0, R1, 0)
        at = put(program, at, 0xb7, 0, 0, 0, 0); // BPF_MOV64_IMM(R0, 0)
        at = put(program, at, 0x95, 0, 0, 0, 0); // BPF_EXIT_INSN()
        NativeMemory license = NativeMemory.ofText("Apache-2.0");
        NativeMemory attr = NativeMemory.allocate(ATTR_BYTES);
        attr.bytes()
                .putInt(0, BPF_PROG_TYPE_SOCKET_FILTER)
                .putInt(4, at / INSTRUCTION_BYTES)
                .putLong(8, program.address())
                .putLong(16, license.address());
        int fd = bpf(BPF_PROG_LOAD, attr);
        Reference.reachabilityFence(program);
        Reference.reachabilityFence(license);
        return fd;
    }

    private static int put(
            NativeMemory program, int at, int code, int target, int source, int skip, int value) {
        program.bytes()
                .put(at, (byte) code)
                .put(at + 1, (byte) (source << 4 | target))
                .putShort(at + 2, (short) skip)
                .putInt(at + 4, value);
        return at + INSTRUCTION_BYTES;
    }

    private static int bpf(int command, NativeMemory attr) {
        int result = (int) LibC.syscall(Abi.SYS_BPF, command, attr.address(), ATTR_BYTES);
        Reference.reachabilityFence(attr);
        return result;
    }

    /** Packets it was asked about; no longer grows once it is closed. */
    public synchronized long packets() {
        if (!isClosed) {
            read();
        }
        return packets;
    }

    private void read() {
        NativeMemory attr = NativeMemory.allocate(ATTR_BYTES);
        attr.bytes().putInt(0, mapFd).putLong(8, key.address()).putLong(16, count.address());
        if (bpf(BPF_MAP_LOOKUP_ELEM, attr) >= 0) {
            packets = count.bytes().getLong(0);
        }
    }

    /** Lets go of it; as long as its socket is open, it stays attached. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        read();
        isClosed = true;
        LibC.close(mapFd);
        if (programFd >= 0) {
            LibC.close(programFd);
        }
    }
}
