package io.culvert.dissect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A packet as maps, lists, strings, numbers and booleans: what a JSON writer takes. */
public final class Outline {
    private Outline() {}

    /** The packet, ready for a JSON writer. */
    public static Map<String, Object> of(Dissection packet) {
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("captured-bytes", packet.capturedBytes());
        outline.put("wire-bytes", packet.wireBytes());
        outline.put("summary", OneLine.of(packet));
        List<Object> layers = new ArrayList<>();
        packet.layers().forEach(layer -> layers.add(layer(layer)));
        outline.put("layers", layers);
        return outline;
    }

    private static Map<String, Object> layer(Layer layer) {
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("protocol", layer.protocol().label());
        outline.put("offset", layer.offset());
        outline.put("bytes", layer.lengthBytes());
        if (layer.checksum() != ChecksumState.NONE) {
            outline.put("checksum", layer.checksum().label());
        }
        if (layer.isQuoted()) {
            outline.put("quoted", true);
        }
        List<Object> fields = new ArrayList<>();
        layer.fields().forEach(field -> fields.add(field(field)));
        outline.put("fields", fields);
        if (!layer.problems().isEmpty()) {
            List<Object> problems = new ArrayList<>();
            layer.problems().forEach(problem -> problems.add(problem(problem)));
            outline.put("problems", problems);
        }
        return outline;
    }

    private static Map<String, Object> field(Field field) {
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("name", field.name());
        outline.put("value", field.value());
        if (field.isNumeric()) {
            outline.put("number", field.number());
        }
        if (!field.meaning().isEmpty()) {
            outline.put("meaning", field.meaning());
        }
        outline.put("bit", field.bitAt());
        outline.put("bits", field.bits());
        if (!field.section().isEmpty()) {
            outline.put("section", field.section());
        }
        return outline;
    }

    private static Map<String, Object> problem(Problem problem) {
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("severity", problem.severity().label());
        outline.put("sentence", problem.sentence());
        return outline;
    }
}
