package io.culvert.dissect;

import io.culvert.wire.EoipHeader;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreHeader;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.PartialChecksum;
import io.culvert.wire.TcpHeader;

/** A GRE header of version 0. */
final class GreLayer {
    private static final int WORD = 4;
    private static final int MOST_HEADER_BYTES = Ipv6Header.LENGTH + TcpHeader.MIN_LENGTH;

    private GreLayer() {}

    static Protocol decode(Walk walk) {
        GreHeader gre = new GreHeader().wrap(walk.memory, walk.at);
        if (walk.readable() >= GreHeader.MIN_LENGTH && gre.version() == 1) {
            return EoipHeader.isEoip(walk.memory, walk.at) ? Protocol.EOIP : Protocol.PPTP;
        }
        OpenLayer layer = walk.open(Protocol.GRE).read(GreHeader.LAYOUT);
        if (walk.readable() < GreHeader.MIN_LENGTH) {
            return layer.closeCutShort(GreHeader.MIN_LENGTH);
        }
        if (gre.version() != 0) {
            layer.error(
                    "GRE version "
                            + gre.version()
                            + " does not exist: 0 is GRE, 1 is PPTP's and EoIP's");
            return layer.close(GreHeader.MIN_LENGTH, Protocol.DATA);
        }
        words(walk, layer, gre);
        if (!gre.isValid(walk.readable())) {
            return layer.closeCutShort(gre.lengthBytes());
        }
        judge(layer, gre);
        ChecksumState checksum = ChecksumState.ABSENT;
        if (gre.hasChecksum()) {
            checksum = walk.checksumOver(walk.remaining(), 0);
            if (checksum == ChecksumState.BAD && isInnerChecksumOpen(walk, gre)) {
                checksum = ChecksumState.LEFT_TO_HARDWARE;
            }
        }
        layer.checksum("checksum", checksum);
        int lengthBytes = gre.lengthBytes();
        if (gre.hasRouting()) {
            return GreRouting.close(walk, layer, lengthBytes, payload(gre));
        }
        return layer.close(lengthBytes, payload(gre));
    }

    private static void words(Walk walk, OpenLayer layer, GreHeader gre) {
        int at = walk.at + GreHeader.MIN_LENGTH;
        if (gre.hasRouting()) {
            layer.read(GreHeader.ROUTING_LAYOUT, at);
            at += WORD;
        } else if (gre.hasChecksum()) {
            layer.read(GreHeader.CHECKSUM_LAYOUT, at);
            at += WORD;
        }
        if (gre.hasKey()) {
            layer.read(GreHeader.KEY_LAYOUT, at);
            at += WORD;
        }
        if (gre.hasSequence()) {
            layer.read(GreHeader.SEQUENCE_LAYOUT, at);
        }
    }

    private static void judge(OpenLayer layer, GreHeader gre) {
        if (gre.hasRouting()) {
            layer.warning("the routing bit is RFC 1701's; receivers of today discard the packet");
        }
        if (gre.hasStrictSourceRoute()) {
            layer.warning("the strict source route bit is RFC 1701's; RFC 2784 discards on it");
        }
        if (gre.reservedFlags() != 0) {
            layer.warning("reserved flags are set; RFC 2784 ignores them, Linux may drop on them");
        }
        if (gre.hasChecksum() && !gre.hasRouting() && gre.reserved1() != 0) {
            layer.note("reserved1 is not 0, as RFC 2784 §2.6 wants it to be sent");
        }
    }

    /** Whether the bytes inside are not those that were, or will be, on the wire. */
    private static boolean isInnerChecksumOpen(Walk walk, GreHeader gre) {
        int innerBytes = walk.remaining() - gre.lengthBytes();
        return walk.readable() - gre.lengthBytes() >= MOST_HEADER_BYTES
                && PartialChecksum.mayBeIn(walk.memory, gre.payloadAt(), innerBytes);
    }

    private static Protocol payload(GreHeader gre) {
        return switch (gre.protocolType()) {
            case EtherType.KEEPALIVE -> Protocol.KEEPALIVE;
            case EtherType.WCCP -> Protocol.WCCP;
            case EtherType.NHRP -> Protocol.NHRP;
            // type I has neither a sequence number nor a header of its own
            case EtherType.ERSPAN -> gre.hasSequence() ? Protocol.ERSPAN : Protocol.ETHERNET;
            case EtherType.ERSPAN_III -> Protocol.ERSPAN;
            case EtherType.PPP -> Protocol.PPP;
            default -> Payloads.ofEtherType(gre.protocolType());
        };
    }
}
