/**
 * What a packet costs, one question per class, each with what else could be done beside it; run by
 * {@code scripts/bench}, explained in {@code bench/README.md}.
 */
package io.culvert.bench;
