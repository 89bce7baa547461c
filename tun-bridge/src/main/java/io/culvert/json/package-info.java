/** JSON, for results and for the answers of other programs. */
package io.culvert.json;
