package io.culvert.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The RFC's picture of a header as data: each field's name, place and width in bits, and the
 * section that defines it, for those who show headers and do not act on them.
 *
 * <p>A view reads one field fast; a layout reads all of them by name. Immutable.
 */
public final class HeaderLayout {
    /** How a field's bits are meant. */
    public enum Kind {
        /** An unsigned number, read in decimal. */
        NUMBER,
        /** An unsigned number of 16 bits whose least significant byte comes first. */
        LITTLE_ENDIAN,
        /** Bits without a magnitude, such as a checksum, read in hexadecimal. */
        BITS,
        /** One bit that claims something. */
        FLAG,
        /** Sent as zero. */
        RESERVED,
        /** 32 bits. */
        IPV4_ADDRESS,
        /** 128 bits. */
        IPV6_ADDRESS,
        /** 48 bits. */
        MAC_ADDRESS
    }

    /**
     * A field of a header.
     *
     * @param name in kebab-case, unique in its header
     * @param bitAt of its first bit, counted from the header's first, as RFCs number them
     * @param bits 1 to 64, and 128 for an IPv6 address
     * @param section where it is defined, such as {@code RFC 791 §3.1}
     */
    public record Place(String name, Kind kind, int bitAt, int bits, String section) {
        /** The first byte behind the field, counted from the header's start. */
        public int endByte() {
            return (bitAt + bits + 7) >>> 3;
        }

        /** The field's bits as an unsigned number; only where it has no more than 64. */
        public long read(ByteBuffer memory, int at) {
            long value = 0;
            int end = bitAt + bits;
            for (int bit = bitAt; bit < end; ) {
                int width = Math.min(end - bit, 8 - (bit & 7));
                int octet = memory.get(at + (bit >>> 3)) & 0xff;
                int piece = octet >>> (8 - (bit & 7) - width) & (1 << width) - 1;
                value = value << width | piece;
                bit += width;
            }
            return kind == Kind.LITTLE_ENDIAN
                    ? Short.toUnsignedLong(Short.reverseBytes((short) value))
                    : value;
        }
    }

    private final List<Place> places;
    private final int lengthBytes;

    private HeaderLayout(List<Place> places, int bits) {
        this.places = List.copyOf(places);
        this.lengthBytes = bits >>> 3;
    }

    /** Starts a layout whose first fields are defined in that section. */
    static Builder of(String section) {
        return new Builder(section);
    }

    /** The fields in the order of the wire. */
    public List<Place> places() {
        return places;
    }

    /** Of all the fields together. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /**
     * The field of that name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Place place(String name) {
        for (Place place : places) {
            if (place.name().equals(name)) {
                return place;
            }
        }
        throw new IllegalArgumentException("no field " + name + " in " + places);
    }

    /** Takes the fields in the order of the wire. */
    static final class Builder {
        private final List<Place> places = new ArrayList<>();
        private String section;
        private int bitAt;

        private Builder(String section) {
            this.section = section;
        }

        /** The fields from here on are defined in that section. */
        Builder section(String next) {
            section = next;
            return this;
        }

        Builder number(String name, int bits) {
            return add(name, Kind.NUMBER, bits);
        }

        Builder bits(String name, int bits) {
            return add(name, Kind.BITS, bits);
        }

        Builder littleEndian(String name, int bits) {
            return add(name, Kind.LITTLE_ENDIAN, bits);
        }

        Builder flag(String name) {
            return add(name, Kind.FLAG, 1);
        }

        Builder reserved(String name, int bits) {
            return add(name, Kind.RESERVED, bits);
        }

        Builder ipv4Address(String name) {
            return add(name, Kind.IPV4_ADDRESS, 32);
        }

        Builder ipv6Address(String name) {
            return add(name, Kind.IPV6_ADDRESS, 128);
        }

        Builder macAddress(String name) {
            return add(name, Kind.MAC_ADDRESS, 48);
        }

        HeaderLayout build() {
            return new HeaderLayout(places, bitAt);
        }

        private Builder add(String name, Kind kind, int bits) {
            places.add(new Place(name, kind, bitAt, bits, section));
            bitAt += bits;
            return this;
        }
    }
}
