/**
 * Whether a receiver would take a packet, and by which rule: a Linux kernel, one that keeps to the
 * RFCs, or a given tunnel of ours.
 *
 * <p>The first two judge a {@link io.culvert.dissect.Dissection} by rules that each have their
 * sentence; the third asks the decapsulator that {@code culvert run} uses, so they never disagree.
 */
package io.culvert.verdict;
