/**
 * What packets look like to people: any bytes taken apart into layers, fields and problems.
 *
 * <p>{@link io.culvert.dissect.Dissector} reads, {@link io.culvert.dissect.Dissection} is what it
 * read, and {@link io.culvert.dissect.OneLine}, {@link io.culvert.dissect.Tree} and {@link
 * io.culvert.dissect.Outline} show it. Not for the packet path: it allocates freely. It never
 * throws on any bytes and its work is bounded by their number.
 */
package io.culvert.dissect;
