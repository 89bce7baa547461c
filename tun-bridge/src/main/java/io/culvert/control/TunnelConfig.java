package io.culvert.control;

import io.culvert.device.Offload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import java.util.List;
import java.util.Objects;

/**
 * A tunnel and what to put on its device. Immutable.
 *
 * @param spec what the tunnel is
 * @param addresses addresses for the device, in the order they were given
 * @param routes networks to route through the device, in the order they were given
 * @param offload whether the device gives and takes super-packets
 */
public record TunnelConfig(
        TunnelSpec spec, List<InterfaceAddress> addresses, List<Prefix> routes, Offload offload) {

    /**
     * Checks that the tunnel carries what its addresses and routes need.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public TunnelConfig {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        for (InterfaceAddress address : addresses) {
            checkCarried(spec, "address " + address, address.ipVersion());
        }
        for (Prefix route : routes) {
            checkCarried(spec, "route " + route, route.ipVersion());
        }
        if (asksByEcho(spec) && firstWithOtherEnd(addresses) == null) {
            throw new IllegalArgumentException(
                    "keepalive with "
                            + spec.word()
                            + " asks the peer by its address inside the tunnel:"
                            + " add \"address ADDR peer ADDR\"");
        }
    }

    /**
     * The address whose other end is asked whether it is there; null when the tunnel sends no
     * keepalives, or those of GRE, which need no address inside the tunnel.
     */
    public InterfaceAddress keepaliveAddress() {
        return asksByEcho(spec) ? firstWithOtherEnd(addresses) : null;
    }

    /** What the kernel's tunnels are told apart by; it answers EEXIST when all are the same. */
    static boolean receiveTheSame(TunnelSpec one, TunnelSpec other) {
        return one.outer().getClass() == other.outer().getClass()
                && one.header().getClass() == other.header().getClass()
                && one.payload() == other.payload()
                && Objects.equals(one.remote(), other.remote())
                && Objects.equals(one.local(), other.local())
                && one.gre().inputKey().equals(other.gre().inputKey())
                && Objects.equals(one.link(), other.link());
    }

    private static boolean asksByEcho(TunnelSpec spec) {
        return spec.device().keepalive() != null && !spec.hasGreKeepalives();
    }

    private static InterfaceAddress firstWithOtherEnd(List<InterfaceAddress> addresses) {
        return addresses.stream().filter(a -> a.otherEnd() != null).findFirst().orElse(null);
    }

    private static void checkCarried(TunnelSpec spec, String what, int ipVersion) {
        if (!spec.payload().carries(ipVersion)) {
            throw new IllegalArgumentException(
                    what
                            + " is IPv"
                            + ipVersion
                            + ", and "
                            + spec.word()
                            + " with payload "
                            + TunnelMode.of(spec).payloadWord(spec.payload())
                            + " does not carry it");
        }
    }
}
