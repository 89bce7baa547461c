/** The packet path played through before the first packet comes. */
package io.culvert.rehearsal;
