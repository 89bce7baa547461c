package io.culvert.bench;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks what one could do instead; it may allocate, and what is not marked may not. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Baseline {}
