package io.culvert.dissect;

import io.culvert.wire.EtherType;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One header of a packet.
 *
 * @param offset of its first byte from the packet's first
 * @param lengthBytes of the header with its options, without its payload; of one that is cut short,
 *     what there is of it
 * @param wireBytes from its first byte to the end of its payload, as long as they were on the wire,
 *     however little of them was captured
 * @param isCutShort whether the capture, or the quote, ends in this header
 * @param fields in the order of the wire
 * @param problems in the order in which they were noticed
 * @param checksum of the layer's own checksum
 * @param isQuoted whether it belongs to a packet that an ICMP error quotes, and not to this one
 */
public record Layer(
        Protocol protocol,
        int offset,
        int lengthBytes,
        int wireBytes,
        boolean isCutShort,
        List<Field> fields,
        List<Problem> problems,
        ChecksumState checksum,
        boolean isQuoted) {

    public Layer {
        fields = List.copyOf(fields);
        problems = List.copyOf(problems);
    }

    /** The field of that name; empty where the header has none, or was captured without it. */
    public Optional<Field> field(String name) {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return Optional.of(field);
            }
        }
        return Optional.empty();
    }

    /** Whether there is a flag of that name that is set, or a number that is not 0. */
    public boolean isSet(String name) {
        return field(name).map(Field::isSet).orElse(false);
    }

    /** Whether the header has a field of that name. */
    public boolean has(String name) {
        return field(name).isPresent();
    }

    /** The field's bits; {@code otherwise} where it is absent. */
    public long number(String name, long otherwise) {
        return field(name).filter(Field::isNumeric).map(Field::number).orElse(otherwise);
    }

    /** The field's value as text; empty where it is absent. */
    public String value(String name) {
        return field(name).map(Field::value).orElse("");
    }

    /**
     * Length of an IP packet, as its header says. Empty where that is not captured or makes no
     * sense: 0 is what segmentation in hardware leaves.
     */
    public OptionalInt ipBytes() {
        boolean isIpv4 = protocol == Protocol.IPV4;
        int length = (int) number(isIpv4 ? "total-length" : "payload-length", 0);
        boolean isEmptyIpv6 =
                !isIpv4
                        && has("payload-length")
                        && number("next-header", 0) == IpProtocol.IPV6_NO_NEXT_HEADER;
        if (isIpv4 ? length < Ipv4Header.MIN_LENGTH : length == 0 && !isEmptyIpv6) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(isIpv4 ? length : Ipv6Header.LENGTH + length);
    }

    /**
     * The IP version of what follows, 4 or 6, by this header's protocol number or type; 0 when it
     * says anything else, or nothing.
     */
    public int announcedIpVersion() {
        int type = (int) number("protocol-type", number("ether-type", -1));
        int ipProtocol = (int) number("protocol", number("next-header", -1));
        if (type == EtherType.IPV4 || ipProtocol == IpProtocol.IPIP && type < 0) {
            return IpVersion.IPV4;
        }
        boolean isIpv6 = type == EtherType.IPV6 || ipProtocol == IpProtocol.IPV6 && type < 0;
        return isIpv6 ? IpVersion.IPV6 : 0;
    }

    /** The first byte of the packet behind this header. */
    public int end() {
        return offset + lengthBytes;
    }
}
