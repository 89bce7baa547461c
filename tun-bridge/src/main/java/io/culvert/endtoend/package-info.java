/**
 * The end-to-end bench: tunnels side by side between two hosts that exist for its sake.
 *
 * <p>{@code host} makes the hosts, {@code contender} brings tunnels up between them, {@code load}
 * sends through them and measures, {@code report} says what came out. {@link
 * io.culvert.endtoend.EndToEnd} goes through the rounds.
 */
package io.culvert.endtoend;
