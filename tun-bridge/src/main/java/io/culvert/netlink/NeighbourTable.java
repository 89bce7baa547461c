package io.culvert.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The kernel's neighbour tables, of ARP and of IPv6 neighbour discovery.
 *
 * <p>Asks by the socket of the {@link RouteNetlink} that it comes from, and so by its thread.
 */
public final class NeighbourTable {
    private final NetlinkSocket socket;

    NeighbourTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * The entry of an address on a link, if there is one.
     *
     * @param index the link's device
     * @throws LinuxException when the question makes no sense, such as ENODEV for the device
     */
    public Optional<Neighbour> find(int index, InetAddress address) {
        String what = "cannot look for neighbour " + IpPrefix.text(address);
        NetlinkReply reply = socket.ask(Neighbour.question(index, address), what);
        if (reply.errno() == Errno.ENOENT) {
            return Optional.empty();
        }
        if (reply.errno() == Errno.EOPNOTSUPP) { // one at a time since Linux 5.0
            return findInList(index, address, what);
        }
        if (reply.failed()) {
            throw reply.exception(what, "");
        }
        return Optional.ofNullable(Neighbour.read(reply.only()));
    }

    /** As {@link #find}, among all that there are. */
    Optional<Neighbour> findInList(int index, InetAddress address, String what) {
        int family = Rtnetlink.family(address);
        NetlinkReply reply = socket.ask(Neighbour.questionForAll(family), what);
        if (reply.failed()) {
            throw reply.exception(what, "");
        }
        List<NetlinkMessage> entries = reply.messages();
        return entries.stream()
                .map(Neighbour::read)
                .filter(Objects::nonNull)
                .filter(n -> n.index() == index && n.address().equals(address))
                .findFirst();
    }

    /**
     * Does to an entry what a packet through the kernel does: a stale one is asked whether it is
     * still there, one that is missing or failed is asked for.
     *
     * <p>Not for entries that are permanent: recent kernels (since 5.16) make them common ones.
     *
     * @param index the link's device
     * @throws LinuxException EPERM without CAP_NET_ADMIN; ENOBUFS when the table is full
     */
    public void use(int index, InetAddress address) {
        String what = "cannot have neighbour " + IpPrefix.text(address) + " asked for";
        NetlinkReply reply = socket.ask(Neighbour.useRequest(index, address), what);
        if (reply.failed()) {
            throw reply.exception(what, "");
        }
    }
}
