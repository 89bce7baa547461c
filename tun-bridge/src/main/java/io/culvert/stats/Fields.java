package io.culvert.stats;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An object that a running culvert answered with. What another version does not say is empty: a
 * tool for people should show what it has.
 */
record Fields(Map<?, ?> map) {

    String text(String name) {
        return map.get(name) instanceof String text ? text : "";
    }

    long number(String name) {
        return map.get(name) instanceof BigDecimal number ? number.longValue() : 0;
    }

    double decimal(String name) {
        return map.get(name) instanceof BigDecimal number ? number.doubleValue() : 0;
    }

    Fields object(String name) {
        return new Fields(map.get(name) instanceof Map<?, ?> object ? object : Map.of());
    }

    List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        if (map.get(name) instanceof List<?> list) {
            for (Object element : list) {
                objects.add(new Fields(element instanceof Map<?, ?> object ? object : Map.of()));
            }
        }
        return objects;
    }

    /** Whether there is an object of this name. */
    boolean has(String name) {
        return map.get(name) instanceof Map<?, ?>;
    }

    List<Long> numbers(String name) {
        List<Long> numbers = new ArrayList<>();
        if (map.get(name) instanceof List<?> list) {
            for (Object element : list) {
                numbers.add(element instanceof BigDecimal number ? number.longValue() : 0L);
            }
        }
        return numbers;
    }
}
