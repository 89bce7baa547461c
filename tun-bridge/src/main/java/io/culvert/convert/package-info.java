/**
 * Captures made of captures: without the tunnels' headers, with them, or through a tunnel's end.
 */
package io.culvert.convert;
