package io.culvert.linux;

import java.lang.ref.Reference;

/** Classic BPF programs as {@code SO_ATTACH_FILTER} takes them: a {@code sock_fprog}. */
final class ClassicBpf {
    private static final int BPF_RET_K = 0x06; // linux/bpf_common.h: BPF_RET | BPF_K

    private ClassicBpf() {}

    /** Attaches {@code ret #0}, which lets no packet in; the result is that of the system call. */
    static int attachRefuseAll(int fd) {
        int filter = Abi.SOCK_FPROG_BYTES;
        NativeMemory program = NativeMemory.allocate(filter + Abi.SOCK_FILTER_BYTES);
        program.bytes()
                .putShort(Abi.SOCK_FPROG_LEN, (short) 1)
                .putLong(Abi.SOCK_FPROG_FILTER, program.address() + filter)
                .putShort(filter + Abi.SOCK_FILTER_CODE, (short) BPF_RET_K)
                .putInt(filter + Abi.SOCK_FILTER_K, 0);
        int result =
                LibC.setsockopt(
                        fd,
                        LinuxSocket.SOL_SOCKET,
                        LinuxSocket.SO_ATTACH_FILTER,
                        program.address(),
                        Abi.SOCK_FPROG_BYTES);
        Reference.reachabilityFence(program);
        return result;
    }
}
