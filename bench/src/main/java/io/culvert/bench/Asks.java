package io.culvert.bench;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The one question that a benchmark class answers. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Asks {
    /** The question. */
    String value();

    /** What one operation is about: results are nanoseconds and bytes per this. */
    String per() default "packet";
}
