package io.culvert.dissect;

import java.util.List;
import java.util.Optional;

/**
 * One header of a packet.
 *
 * @param offset of its first byte from the packet's first
 * @param lengthBytes of the header with its options, without its payload
 * @param fields in the order of the wire
 * @param problems in the order in which they were noticed
 * @param checksum of the layer's own checksum
 * @param isQuoted whether it belongs to a packet that an ICMP error quotes, and not to this one
 */
public record Layer(
        Protocol protocol,
        int offset,
        int lengthBytes,
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

    /** The first byte of the packet behind this header. */
    public int end() {
        return offset + lengthBytes;
    }
}
