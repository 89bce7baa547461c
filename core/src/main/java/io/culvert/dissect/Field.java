package io.culvert.dissect;

/**
 * A field of a header.
 *
 * @param name in kebab-case, as the RFC says it: {@code total-length}
 * @param value as text
 * @param meaning what the value stands for, such as {@code UDP} of protocol 17; empty when the
 *     value says it all
 * @param isNumeric whether {@code number} means something
 * @param number the field's bits, unsigned; 64-bit fields use all of the long
 * @param bitAt of its first bit, counted from the packet's first
 * @param bits its width
 * @param section where it is defined, such as {@code RFC 791 §3.1}
 */
public record Field(
        String name,
        String value,
        String meaning,
        boolean isNumeric,
        long number,
        int bitAt,
        int bits,
        String section) {

    /** The value with its meaning in parentheses. */
    public String text() {
        return meaning.isEmpty() ? value : value + " (" + meaning + ")";
    }

    /** What the value stands for; the value where nothing else says it. */
    public String shortText() {
        return meaning.isEmpty() ? value : meaning;
    }

    /** Whether this is a flag that is set, or a number that is not 0. */
    public boolean isSet() {
        return isNumeric && number != 0;
    }

    /** The byte of the packet in which the field begins. */
    public int byteAt() {
        return bitAt >>> 3;
    }

    /** The first byte of the packet behind the field. */
    public int endByte() {
        return (bitAt + bits + 7) >>> 3;
    }

    Field withMeaning(String newMeaning) {
        return new Field(name, value, newMeaning, isNumeric, number, bitAt, bits, section);
    }
}
