package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LibCTest {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;

    @Test
    void aDatagramCrossesASocketPair() {
        NativeMemory fds = NativeMemory.allocate(8);
        assertThat(LibC.socketpair(AF_UNIX, SOCK_DGRAM, 0, fds.address())).isZero();
        int near = fds.bytes().getInt(0);
        int far = fds.bytes().getInt(4);
        NativeMemory sent = NativeMemory.ofText("culvert");
        NativeMemory received = NativeMemory.allocate(64);

        assertThat(LibC.write(near, sent.address(), sent.sizeBytes())).isEqualTo(8);
        assertThat(LibC.read(far, received.address(), received.sizeBytes())).isEqualTo(8);

        assertThat(received.text(0, 64)).isEqualTo("culvert");
        assertThat(LibC.close(near)).isZero();
        assertThat(LibC.close(far)).isZero();
    }

    @Test
    void aFailedCallTellsItsErrno() {
        assertThat(LibC.close(-1)).isNegative();
        assertThat(LibC.errno()).isEqualTo(Errno.EBADF);
    }

    @Test
    void theProcessIsItself() {
        assertThat(LibC.getpid()).isEqualTo((int) ProcessHandle.current().pid());
    }

    @Test
    void interfacesHaveIndices() {
        assertThat(LibC.if_nametoindex(NativeMemory.ofText("lo").address())).isEqualTo(1);
        assertThat(LibC.if_nametoindex(NativeMemory.ofText("no-such-one").address())).isZero();
    }

    @Test
    void anAddressIsThatOfTheFirstByteWhateverThePosition() {
        ByteBuffer memory = ByteBuffer.allocateDirect(64);
        long address = NativeMemory.addressOf(memory);

        assertThat(NativeMemory.addressOf(memory.position(16))).isEqualTo(address);
        assertThat(NativeMemory.addressOf(memory.slice())).isEqualTo(address + 16);
    }

    @Test
    void messagesSayWhatWasTriedWhatTheSystemSaidAndWhatToDo() {
        assertThat(new LinuxException("cannot attach to tun0", Errno.EBUSY, "use --name"))
                .hasMessage("cannot attach to tun0: EBUSY (16): device busy; use --name");
        assertThat(new LinuxException("cannot attach to tun0", 4095, ""))
                .hasMessage("cannot attach to tun0: errno 4095");
    }
}
