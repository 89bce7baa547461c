package io.culvert.doctor;

import io.culvert.netlink.Link;
import io.culvert.netlink.LinkCounts;
import io.culvert.netlink.LocalAddress;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteHop;
import io.culvert.netlink.RouteMtus;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a check may look at: the files, programs, devices and routes of a host. One thread. */
public interface Host {
    /** The network files of the calling thread's namespace; {@code /proc/net} is the process's. */
    String PROC_NET = "/proc/thread-self/net/";

    /** A file's text; empty when there is none, or it may not be read. */
    Optional<String> text(String path);

    /** Whether there is such a file or directory. */
    boolean exists(String path);

    /** Why a file cannot be opened to read and write, as an errno; 0 when it can. */
    int openError(String path);

    /** Runs a program to its end; empty when it is not installed. */
    Optional<ProgramOutput> run(String... command);

    /** All network devices. */
    List<Link> links();

    /** What a device lost since it was made; empty when that cannot be told. */
    Optional<LinkCounts> counts(int linkIndex);

    /** Other processes that hold queues of a TUN device, such as {@code pid 4711 (qemu)}. */
    List<String> queueHolders(String deviceName);

    /** A device's features that are on, by the names of {@code ethtool -k}. */
    Set<String> features(String link);

    /** All addresses of all devices. */
    List<LocalAddress> addresses();

    /**
     * Where packets go.
     *
     * @param source their source, or {@code null} for none yet
     * @param outIndex device they have to leave by, or 0
     */
    RouteAnswer route(InetAddress destination, InetAddress source, int outIndex);

    /** What limits the size of such packets, by source. */
    RouteMtus mtus(InetAddress destination, InetAddress source, int outIndex);

    /** The next hops of that route; none where it has only one. */
    List<RouteHop> hops(InetAddress destination, InetAddress source, int outIndex);
}
