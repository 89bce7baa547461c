/** Two network namespaces joined by a cable, and the programs that run in them. */
package io.culvert.endtoend.host;
