package io.culvert.attach;

import io.culvert.json.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a client asks for.
 *
 * @param verb who shall answer
 * @param fields all that the request says, the verb and the version included
 */
public record Request(String verb, Map<String, Object> fields) {

    /**
     * Reads a request's line.
     *
     * @throws RequestException when it is none that this version of the protocol knows
     */
    static Request parse(String line) throws RequestException {
        Object value;
        try {
            value = Json.read(line);
        } catch (IllegalArgumentException e) {
            throw new RequestException("the request is " + e.getMessage());
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new RequestException("a request is an object of JSON in one line");
        }
        @SuppressWarnings("unchecked") // what the reader makes of an object
        Request request = new Request("", (Map<String, Object>) map);
        long version = request.number(Protocol.VERSION_FIELD, -1);
        if (version != Protocol.VERSION) {
            throw new RequestException(
                    "this is version %d of the protocol, and the request says %s: start both with the same culvert"
                            .formatted(
                                    Protocol.VERSION,
                                    version < 0 ? "none" : Long.toString(version)));
        }
        String verb = request.text(Protocol.VERB);
        if (verb == null) {
            throw new RequestException("the request has no verb");
        }
        return new Request(verb, request.fields);
    }

    /** A text, or null when the request does not say. */
    public String text(String name) throws RequestException {
        Object value = fields.get(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw new RequestException("\"" + name + "\" is a text");
    }

    /** Texts; none when the request does not say. */
    public List<String> texts(String name) throws RequestException {
        List<String> texts = new ArrayList<>();
        if (fields.get(name) instanceof List<?> list
                && list.stream().allMatch(String.class::isInstance)) {
            list.forEach(text -> texts.add((String) text));
        } else if (fields.get(name) != null) {
            throw new RequestException("\"" + name + "\" is a list of texts");
        }
        return texts;
    }

    /** A whole number from 0, or {@code otherwise} when the request does not say. */
    public long number(String name, long otherwise) throws RequestException {
        Object value = fields.get(name);
        if (value == null) {
            return otherwise;
        }
        try {
            long number = value instanceof BigDecimal decimal ? decimal.longValueExact() : -1;
            if (number >= 0) {
                return number;
            }
        } catch (ArithmeticException e) {
            throw new RequestException("\"" + name + "\" is too large or not a whole number");
        }
        throw new RequestException("\"" + name + "\" is a whole number from 0");
    }

    /** A claim; false when the request does not say. */
    public boolean flag(String name) throws RequestException {
        Object value = fields.get(name);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw new RequestException("\"" + name + "\" is true or false");
    }
}
