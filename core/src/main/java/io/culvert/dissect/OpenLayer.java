package io.culvert.dissect;

import io.culvert.wire.HeaderLayout;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A layer while its fields are read. */
final class OpenLayer {
    private final Walk walk;
    private final Protocol protocol;
    private final int offset;
    private final List<Field> fields = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private ChecksumState checksum = ChecksumState.NONE;
    private boolean isCutShort;

    OpenLayer(Walk walk, Protocol protocol, int offset) {
        this.walk = walk;
        this.protocol = protocol;
        this.offset = offset;
    }

    /** Adds those fields of a layout at {@code position} that were captured. */
    OpenLayer read(HeaderLayout layout, int position) {
        int readable = walk.at + walk.readable() - position;
        for (HeaderLayout.Place place : layout.places()) {
            if (place.endByte() <= readable) {
                fields.add(field(place, position));
            }
        }
        return this;
    }

    /** Adds the fields of the layout that begins where the layer does. */
    OpenLayer read(HeaderLayout layout) {
        return read(layout, walk.at);
    }

    /** Adds a field whose value is text, such as an option. */
    OpenLayer text(String name, String value, int position, int lengthBytes, String section) {
        int bitAt = (position - walk.start()) * 8;
        fields.add(new Field(name, value, "", false, 0, bitAt, lengthBytes * 8, section));
        return this;
    }

    /** Adds a numeric field that a layout does not name, such as an option's value. */
    OpenLayer number(
            String name,
            long number,
            String meaning,
            int position,
            int lengthBytes,
            String section) {
        int bitAt = (position - walk.start()) * 8;
        String value = Long.toUnsignedString(number);
        fields.add(new Field(name, value, meaning, true, number, bitAt, lengthBytes * 8, section));
        return this;
    }

    /** Says what a field's value stands for; nothing where the field was not captured. */
    OpenLayer meaning(String name, String meaning) {
        for (int i = fields.size() - 1; i >= 0; i--) {
            if (fields.get(i).name().equals(name)) {
                fields.set(i, fields.get(i).withMeaning(meaning));
                break;
            }
        }
        return this;
    }

    /** Says what is known of the checksum, as the meaning of that field and as a problem. */
    OpenLayer checksum(String name, ChecksumState state) {
        checksum = state;
        if (state == ChecksumState.BAD) {
            error("the " + protocol.title() + " checksum is wrong");
        }
        return meaning(name, state.description());
    }

    OpenLayer note(String sentence) {
        return problem(sentence, Problem.Severity.NOTE);
    }

    OpenLayer warning(String sentence) {
        return problem(sentence, Problem.Severity.WARNING);
    }

    OpenLayer error(String sentence) {
        return problem(sentence, Problem.Severity.ERROR);
    }

    /** Says that a payload is shorter than this header announces. */
    void lessThanSaid(int payloadBytes, int there) {
        String sentence = "the payload length is " + payloadBytes + ", and " + there + " are there";
        if (walk.isQuoted() || walk.ip.obstacle() == ChecksumState.FRAGMENTED) {
            note(sentence);
        } else {
            error(sentence);
        }
    }

    /** Says that the capture ends in it. */
    void cutShort() {
        isCutShort = true;
    }

    /** Ends the layer, puts the walk behind it, and goes on with what follows. */
    Protocol close(int lengthBytes, Protocol next) {
        int length = Math.min(lengthBytes, walk.remaining());
        walk.add(
                new Layer(
                        protocol,
                        offset,
                        length,
                        walk.remaining(),
                        isCutShort,
                        fields,
                        problems,
                        checksum,
                        walk.isQuoted()));
        walk.at += length;
        return next == Protocol.DATA && walk.remaining() == 0 ? null : next;
    }

    /**
     * Ends a layer whose header is not all there: nothing can follow. Says whose fault it is.
     *
     * @param neededBytes of the header
     */
    Protocol closeCutShort(int neededBytes) {
        if (walk.remaining() < neededBytes && !walk.isQuoted()) {
            error(
                    "the "
                            + protocol.title()
                            + " header needs "
                            + neededBytes
                            + " bytes and the packet has "
                            + walk.remaining()
                            + " left");
        } else {
            cutShort();
            note("the " + (walk.isQuoted() ? "quote" : "capture") + " ends in this header");
        }
        return close(walk.readable(), null);
    }

    private OpenLayer problem(String sentence, Problem.Severity severity) {
        problems.add(new Problem(sentence, severity));
        return this;
    }

    private Field field(HeaderLayout.Place place, int position) {
        ByteBuffer memory = walk.memory;
        boolean isNumeric = place.bits() <= Long.SIZE;
        long number = isNumeric ? place.read(memory, position) : 0;
        String value =
                switch (place.kind()) {
                    case NUMBER, LITTLE_ENDIAN, RESERVED -> Long.toUnsignedString(number);
                    case BITS -> Words.hex(number, place.bits());
                    case FLAG -> number != 0 ? "yes" : "no";
                    case IPV4_ADDRESS -> Ipv4Address.format((int) number);
                    case IPV6_ADDRESS ->
                            Ipv6Address.format(memory, position + (place.bitAt() >>> 3));
                    case MAC_ADDRESS -> Words.macAddress(number);
                };
        String meaning = Words.meaning(place.name(), number);
        int bitAt = (position - walk.start()) * 8 + place.bitAt();
        return new Field(
                place.name(),
                value,
                meaning,
                isNumeric,
                number,
                bitAt,
                place.bits(),
                place.section());
    }
}
