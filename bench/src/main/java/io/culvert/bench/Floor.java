package io.culvert.bench;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks the part of the work that nobody can leave out, which the others cannot go below. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Floor {}
