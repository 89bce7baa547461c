package io.culvert.device;

import io.culvert.linux.Abi;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.tunnel.OuterError;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The errors that the kernel keeps for a raw socket with IP_RECVERR or IPV6_RECVERR: ICMP errors
 * about packets of its protocol, and this host's own refusals.
 *
 * <p>Every raw socket of the protocol gets every such error, also about packets that another
 * program sent: whoever takes them looks whether the quoted packet is one of ours. As long as
 * errors wait, epoll reports EPOLLERR, and the last one taken also clears the socket's remembered
 * error. Confined to the socket's thread.
 */
public final class ErrorQueue {
    /** More than is quoted: an ICMPv6 error has 1280 bytes (RFC 4443 §2.4), an ICMP error 576. */
    private static final int QUOTED_BYTES = 1280;

    private static final int SO_EE_ORIGIN_ICMP = 2; // linux/errqueue.h
    private static final int SO_EE_ORIGIN_ICMP6 = 3; // linux/errqueue.h

    // One msghdr, its iovec, control messages and packet, one behind the other.
    private static final int HEADER = 0;
    private static final int IOVEC = HEADER + Abi.MSGHDR_BYTES;
    private static final int CONTROL = IOVEC + Abi.IOVEC_BYTES;
    private static final int CONTROL_BYTES = 256;
    private static final int PACKET = CONTROL + CONTROL_BYTES;

    private final int fd;
    private final NativeMemory memory = NativeMemory.allocate(PACKET + QUOTED_BYTES);

    ErrorQueue(int fd) {
        this.fd = fd;
        long address = memory.address();
        memory.bytes()
                .putLong(HEADER + Abi.MSGHDR_IOV, address + IOVEC)
                .putLong(HEADER + Abi.MSGHDR_IOVLEN, 1)
                .putLong(HEADER + Abi.MSGHDR_CONTROL, address + CONTROL)
                .putLong(IOVEC + Abi.IOVEC_BASE, address + PACKET)
                .putLong(IOVEC + Abi.IOVEC_LEN, QUOTED_BYTES);
    }

    /**
     * Takes errors that wait and hands them over one by one.
     *
     * @param limit the most to take, so that a flood of ICMP does not stop the packets
     * @return errors taken; as many as {@code limit} when more may wait
     */
    public int drain(int limit, Consumer<OuterError> errors) {
        int taken = 0;
        while (taken < limit) {
            memory.bytes().putLong(HEADER + Abi.MSGHDR_CONTROLLEN, CONTROL_BYTES);
            long quotedBytes =
                    LibC.recvmsg(
                            fd,
                            memory.address() + HEADER,
                            LinuxSocket.MSG_ERRQUEUE | LinuxSocket.MSG_DONTWAIT);
            if (quotedBytes < 0) {
                if (LibC.errno() == Errno.EINTR) {
                    continue;
                }
                break;
            }
            taken++;
            int error = extendedErrorAt();
            if (error >= 0) {
                errors.accept(outerError(error, (int) quotedBytes));
            }
        }
        return taken;
    }

    /** Where the sock_extended_err is among the control messages, or -1 when there is none. */
    private int extendedErrorAt() {
        ByteBuffer bytes = memory.bytes();
        int end = CONTROL + (int) bytes.getLong(HEADER + Abi.MSGHDR_CONTROLLEN);
        int at = CONTROL;
        while (at + Abi.CMSGHDR_BYTES <= end) {
            int lengthBytes = (int) bytes.getLong(at + Abi.CMSGHDR_LEN);
            int dataBytes = lengthBytes - Abi.CMSGHDR_BYTES;
            if (dataBytes < 0) {
                break;
            }
            int level = bytes.getInt(at + Abi.CMSGHDR_LEVEL);
            int type = bytes.getInt(at + Abi.CMSGHDR_TYPE);
            boolean isError =
                    level == LinuxSocket.SOL_IP && type == LinuxSocket.IP_RECVERR
                            || level == LinuxSocket.SOL_IPV6 && type == LinuxSocket.IPV6_RECVERR;
            if (isError && dataBytes >= Abi.SOCK_EXTENDED_ERR_BYTES + Abi.SOCKADDR_IN_BYTES) {
                return at + Abi.CMSGHDR_BYTES;
            }
            at += Abi.controlSpace(dataBytes);
        }
        return -1;
    }

    private OuterError outerError(int error, int quotedBytes) {
        ByteBuffer bytes = memory.bytes();
        int errno = bytes.getInt(error + Abi.SOCK_EXTENDED_ERR_ERRNO);
        int origin = bytes.get(error + Abi.SOCK_EXTENDED_ERR_ORIGIN);
        int type = bytes.get(error + Abi.SOCK_EXTENDED_ERR_TYPE) & 0xff;
        int code = bytes.get(error + Abi.SOCK_EXTENDED_ERR_CODE) & 0xff;
        int info = bytes.getInt(error + Abi.SOCK_EXTENDED_ERR_INFO);
        int offender = error + Abi.SOCK_EXTENDED_ERR_BYTES;
        ByteBuffer quoted = copyQuoted(quotedBytes);
        return switch (origin) {
            case SO_EE_ORIGIN_ICMP -> {
                InetAddress sender = address(offender + Abi.SOCKADDR_IN_ADDR, 4);
                yield OuterError.icmpv4(errno, type, code, info, sender, quoted);
            }
            case SO_EE_ORIGIN_ICMP6 -> {
                InetAddress sender = address(offender + Abi.SOCKADDR_IN6_ADDR, 16);
                yield OuterError.icmpv6(errno, type, code, info, sender, quoted);
            }
            default -> OuterError.refusal(errno, errno == Errno.EMSGSIZE ? info : 0, quoted);
        };
    }

    private InetAddress address(int at, int addressBytes) {
        byte[] address = new byte[addressBytes];
        memory.bytes().get(at, address);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + addressBytes + " bytes is none", e);
        }
    }

    private ByteBuffer copyQuoted(int quotedBytes) {
        byte[] copy = new byte[quotedBytes];
        memory.bytes().get(PACKET, copy);
        return ByteBuffer.wrap(copy);
    }
}
