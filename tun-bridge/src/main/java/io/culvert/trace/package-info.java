/**
 * The watching end of a trace: receives what a running culvert records of its packets, and shows it
 * as lines, trees, objects of JSON or a capture file.
 */
package io.culvert.trace;
