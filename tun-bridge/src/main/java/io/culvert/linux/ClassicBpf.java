package io.culvert.linux;

import java.lang.ref.Reference;
import java.util.List;

/**
 * A classic BPF program as {@code SO_ATTACH_FILTER} takes it: it is asked about every packet that a
 * socket would receive, and its result says how many of the packet's bytes come in, 0 for none.
 *
 * @param instructions 1 to {@link #MOST_INSTRUCTIONS}, the last one a {@code ret}
 */
public record ClassicBpf(List<Instruction> instructions) {
    public static final int MOST_INSTRUCTIONS = 4096; // linux/bpf_common.h: BPF_MAXINSNS

    /** {@code ret #0}: lets no packet in. */
    public static final ClassicBpf REFUSE_ALL = new ClassicBpfWriter().refuse().program();

    /**
     * A {@code sock_filter}.
     *
     * @param code what to do, as linux/bpf_common.h has it
     * @param skipIfTrue instructions that a true condition skips, 0 to 255
     * @param skipIfFalse the same for a false one
     * @param operand a number, an offset, or what an unconditional jump skips
     */
    public record Instruction(int code, int skipIfTrue, int skipIfFalse, int operand) {}

    /** Copies the list. */
    public ClassicBpf {
        instructions = List.copyOf(instructions);
        if (instructions.isEmpty() || instructions.size() > MOST_INSTRUCTIONS) {
            throw new IllegalArgumentException(
                    "a program has 1 to "
                            + MOST_INSTRUCTIONS
                            + " instructions, not "
                            + instructions.size());
        }
    }

    /** Attaches it to a socket as a {@code sock_fprog}; the result is that of the system call. */
    int attachTo(int fd) {
        int at = Abi.SOCK_FPROG_BYTES;
        NativeMemory memory =
                NativeMemory.allocate(at + instructions.size() * Abi.SOCK_FILTER_BYTES);
        memory.bytes()
                .putShort(Abi.SOCK_FPROG_LEN, (short) instructions.size())
                .putLong(Abi.SOCK_FPROG_FILTER, memory.address() + at);
        for (Instruction instruction : instructions) {
            memory.bytes()
                    .putShort(at + Abi.SOCK_FILTER_CODE, (short) instruction.code)
                    .put(at + Abi.SOCK_FILTER_SKIP_IF_TRUE, (byte) instruction.skipIfTrue)
                    .put(at + Abi.SOCK_FILTER_SKIP_IF_FALSE, (byte) instruction.skipIfFalse)
                    .putInt(at + Abi.SOCK_FILTER_K, instruction.operand);
            at += Abi.SOCK_FILTER_BYTES;
        }
        int result =
                LibC.setsockopt(
                        fd,
                        LinuxSocket.SOL_SOCKET,
                        LinuxSocket.SO_ATTACH_FILTER,
                        memory.address(),
                        Abi.SOCK_FPROG_BYTES);
        Reference.reachabilityFence(memory);
        return result;
    }
}
