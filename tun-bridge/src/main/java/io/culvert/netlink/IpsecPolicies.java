package io.culvert.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The kernel's IPsec policies, as {@code ip xfrm policy} lists them and {@code ip xfrm monitor}
 * hears of them; none where the kernel has no IPsec.
 *
 * <p>Of the network namespace of the thread that opens it; used by one thread at a time. Takes
 * CAP_NET_ADMIN.
 */
public final class IpsecPolicies implements AutoCloseable {
    private static final String WHAT = "cannot list the IPsec policies";

    private final NetlinkSocket questions; // null where there is no IPsec
    private final NetlinkSocket changes; // null where they are not told
    private final List<NetlinkMessage> received = new ArrayList<>();

    private IpsecPolicies(NetlinkSocket questions, NetlinkSocket changes) {
        this.questions = questions;
        this.changes = changes;
    }

    /**
     * Begins to listen for changes.
     *
     * @throws LinuxException when there can be no socket, or none that hears of changes
     */
    public static IpsecPolicies open() {
        NetlinkSocket questions;
        try {
            questions = NetlinkSocket.openForIpsec();
        } catch (LinuxException e) {
            if (e.errno() == Errno.EPROTONOSUPPORT) {
                return new IpsecPolicies(null, null);
            }
            throw e;
        }
        try {
            return new IpsecPolicies(questions, NetlinkSocket.openForIpsec(Xfrm.XFRMNLGRP_POLICY));
        } catch (LinuxException e) {
            if (e.errno() == Errno.EPERM) {
                return new IpsecPolicies(questions, null); // who may not listen may not ask either
            }
            questions.close();
            throw e; // or a policy that comes later would not be heard of
        }
    }

    /** The descriptor to wait on, readable when policies changed; -1 when it is never. */
    public int fd() {
        return changes == null ? -1 : changes.fd();
    }

    /** Whether policies changed since the last call; never waits. */
    public boolean haveChanged() {
        if (changes == null) {
            return false;
        }
        boolean haveChanged = false;
        int errno = 0;
        while (errno != Errno.EAGAIN) {
            received.clear();
            errno = changes.receive(received);
            if (errno != 0 && errno != Errno.EAGAIN && errno != Errno.ENOBUFS) {
                throw new LinuxException("cannot read changes of IPsec policies", errno, "");
            }
            haveChanged |= errno != Errno.EAGAIN;
        }
        return haveChanged;
    }

    /**
     * All policies for packets that this host sends or receives, also the one for what no other is
     * for, where it refuses packets.
     *
     * @throws LinuxException EPERM without CAP_NET_ADMIN
     */
    public List<IpsecPolicy> all() {
        if (questions == null) {
            return List.of();
        }
        try {
            List<IpsecPolicy> policies = new ArrayList<>(listed());
            policies.addAll(refusing());
            return policies;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ECONNREFUSED) { // nobody listens in this namespace
                return List.of();
            }
            throw e;
        }
    }

    private List<IpsecPolicy> listed() {
        NetlinkReply reply =
                questions.ask(
                        new NetlinkRequest(Xfrm.XFRM_MSG_GETPOLICY, Rtnetlink.NLM_F_DUMP), WHAT);
        if (reply.failed()) {
            throw reply.exception(WHAT, "");
        }
        return reply.messages().stream().map(IpsecPolicy::read).filter(Objects::nonNull).toList();
    }

    private List<IpsecPolicy> refusing() {
        NetlinkReply reply =
                questions.ask(new NetlinkRequest(Xfrm.XFRM_MSG_GETDEFAULT, 0).u32(0), WHAT);
        // before Linux 5.15 what no policy is for passes
        return reply.failed() ? List.of() : IpsecPolicy.readDefaults(reply.only());
    }

    @Override
    public void close() {
        if (questions != null) {
            questions.close();
        }
        if (changes != null) {
            changes.close();
        }
    }
}
