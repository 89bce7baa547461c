package io.culvert.dissect;

import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.IpProtocol;

/** What stands inside of what: which layer a header's protocol number announces. */
final class Payloads {
    private Payloads() {}

    /** The layer behind an {@link EtherType}. */
    static Protocol ofEtherType(int type) {
        return switch (type) {
            case EtherType.IPV4 -> Protocol.IPV4;
            case EtherType.IPV6 -> Protocol.IPV6;
            case EtherType.ARP -> Protocol.ARP;
            case EtherType.VLAN, EtherType.SERVICE_VLAN -> Protocol.VLAN;
            case EtherType.MPLS, EtherType.MPLS_UPSTREAM -> Protocol.MPLS;
            case EtherType.TEB -> Protocol.ETHERNET;
            case EtherType.CISCO_METADATA -> Protocol.CISCO_METADATA;
            default -> Protocol.DATA;
        };
    }

    /** The layer behind an {@link IpProtocol}. */
    static Protocol ofIpProtocol(int protocol) {
        return switch (protocol) {
            case IpProtocol.IPV6_HOP_BY_HOP -> Protocol.IPV6_HOP_BY_HOP;
            case IpProtocol.ICMP -> Protocol.ICMP;
            case IpProtocol.IPIP -> Protocol.IPV4;
            case IpProtocol.TCP -> Protocol.TCP;
            case IpProtocol.UDP -> Protocol.UDP;
            case IpProtocol.IPV6 -> Protocol.IPV6;
            case IpProtocol.IPV6_ROUTING -> Protocol.IPV6_ROUTING;
            case IpProtocol.IPV6_FRAGMENT -> Protocol.IPV6_FRAGMENT;
            case IpProtocol.GRE -> Protocol.GRE;
            case IpProtocol.ICMPV6 -> Protocol.ICMPV6;
            case IpProtocol.IPV6_DESTINATION_OPTIONS -> Protocol.IPV6_DESTINATION_OPTIONS;
            case IpProtocol.MPLS -> Protocol.MPLS;
            default -> Protocol.DATA;
        };
    }

    /** As {@link #ofIpProtocol}, but what only IPv6 has means nothing. */
    static Protocol inIpv4(int protocol) {
        Protocol payload = ofIpProtocol(protocol);
        return switch (payload) {
            case IPV6_HOP_BY_HOP, IPV6_ROUTING, IPV6_FRAGMENT, IPV6_DESTINATION_OPTIONS, ICMPV6 ->
                    Protocol.DATA;
            default -> payload;
        };
    }

    /** As {@link #ofEtherType}, but a small number is an IEEE 802.3 length. */
    static Protocol ofTypeOrLength(int typeOrLength) {
        return typeOrLength < EthernetHeader.FIRST_TYPE ? Protocol.DATA : ofEtherType(typeOrLength);
    }

    /** All that is left, as bytes. */
    static Protocol data(Walk walk) {
        OpenLayer layer = walk.open(Protocol.DATA);
        int readable = walk.readable();
        if (readable > 0) {
            String bytes = Words.bytes(walk.memory, walk.at, readable);
            layer.text("bytes", bytes, walk.at, readable, "");
        }
        if (readable < walk.remaining() && !walk.isQuoted()) {
            int missing = walk.remaining() - readable;
            layer.note("the capture lacks " + Words.count(missing, "byte") + " of it");
            if (walk.isPayloadUntold || readable == 0 && walk.layers() == 0) {
                layer.cutShort();
            }
        }
        return layer.close(walk.remaining(), null);
    }

    /** All that is left of a packet that nests deeper than anyone would. */
    static Protocol tooDeep(Walk walk) {
        OpenLayer layer = walk.open(Protocol.DATA);
        layer.warning("there are more layers than the " + Dissector.MOST_LAYERS + " that are read");
        return layer.close(walk.remaining(), null);
    }
}
