/**
 * What a tunnel is: a name and independent choices, each with its own rules. The start for readers
 * is {@link io.culvert.spec.TunnelSpec}.
 */
package io.culvert.spec;
