/** What {@code culvert stats} shows: counts of a running culvert, and what follows from two. */
package io.culvert.stats;
