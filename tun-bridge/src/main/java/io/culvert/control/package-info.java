/**
 * What a tunnel is to be, in the words of {@code ip tunnel}, and the life cycle of running ones.
 */
package io.culvert.control;
