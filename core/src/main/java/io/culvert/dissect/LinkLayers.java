package io.culvert.dissect;

import io.culvert.wire.EthernetHeader;
import io.culvert.wire.IpVersion;
import io.culvert.wire.LinuxCookedHeader;
import io.culvert.wire.LinuxCookedHeader2;
import io.culvert.wire.LoopbackHeader;
import io.culvert.wire.VlanTag;

/** What a capture or a bridge puts before a packet. */
final class LinkLayers {
    private LinkLayers() {}

    /** The first layer of a packet; null when it is empty. */
    static Protocol first(LinkType link, Walk walk) {
        if (walk.remaining() == 0) {
            return null;
        }
        return switch (link) {
            case RAW_IP -> ip(walk);
            case ETHERNET -> Protocol.ETHERNET;
            case LINUX_SLL -> Protocol.LINUX_SLL;
            case LINUX_SLL2 -> Protocol.LINUX_SLL2;
            case NULL, LOOP -> Protocol.LOOPBACK;
        };
    }

    /** IPv4 or IPv6, by the version of the header that stands here. */
    static Protocol ip(Walk walk) {
        if (walk.readable() == 0) {
            return walk.rest();
        }
        return ofVersion(IpVersion.of(walk.memory, walk.at));
    }

    static Protocol ethernet(Walk walk) {
        OpenLayer layer = walk.open(Protocol.ETHERNET).read(EthernetHeader.LAYOUT);
        EthernetHeader header = new EthernetHeader().wrap(walk.memory, walk.at);
        if (!header.isValid(walk.readable())) {
            return layer.closeCutShort(EthernetHeader.LENGTH);
        }
        int type = header.etherType();
        if (type < EthernetHeader.FIRST_TYPE) {
            layer.meaning("ether-type", "length of an IEEE 802.3 frame");
        }
        return layer.close(EthernetHeader.LENGTH, Payloads.ofTypeOrLength(type));
    }

    static Protocol vlan(Walk walk) {
        OpenLayer layer = walk.open(Protocol.VLAN).read(VlanTag.LAYOUT);
        VlanTag tag = new VlanTag().wrap(walk.memory, walk.at);
        if (!tag.isValid(walk.readable())) {
            return layer.closeCutShort(VlanTag.LENGTH);
        }
        return layer.close(VlanTag.LENGTH, Payloads.ofTypeOrLength(tag.etherType()));
    }

    static Protocol cooked(Walk walk) {
        OpenLayer layer = walk.open(Protocol.LINUX_SLL).read(LinuxCookedHeader.LAYOUT);
        LinuxCookedHeader header = new LinuxCookedHeader().wrap(walk.memory, walk.at);
        if (!header.isValid(walk.readable())) {
            return layer.closeCutShort(LinuxCookedHeader.LENGTH);
        }
        return layer.close(
                LinuxCookedHeader.LENGTH, Payloads.ofTypeOrLength(header.protocolType()));
    }

    static Protocol cooked2(Walk walk) {
        OpenLayer layer = walk.open(Protocol.LINUX_SLL2).read(LinuxCookedHeader2.LAYOUT);
        LinuxCookedHeader2 header = new LinuxCookedHeader2().wrap(walk.memory, walk.at);
        if (!header.isValid(walk.readable())) {
            return layer.closeCutShort(LinuxCookedHeader2.LENGTH);
        }
        return layer.close(
                LinuxCookedHeader2.LENGTH, Payloads.ofTypeOrLength(header.protocolType()));
    }

    static Protocol loopback(Walk walk) {
        OpenLayer layer = walk.open(Protocol.LOOPBACK).read(LoopbackHeader.LAYOUT);
        LoopbackHeader header = new LoopbackHeader().wrap(walk.memory, walk.at);
        if (!header.isValid(walk.readable())) {
            return layer.closeCutShort(LoopbackHeader.LENGTH);
        }
        layer.meaning("family", header.ipVersion() == 0 ? "" : "IPv" + header.ipVersion());
        return layer.close(LoopbackHeader.LENGTH, ofVersion(header.ipVersion()));
    }

    private static Protocol ofVersion(int version) {
        return switch (version) {
            case IpVersion.IPV4 -> Protocol.IPV4;
            case IpVersion.IPV6 -> Protocol.IPV6;
            default -> Protocol.DATA;
        };
    }
}
