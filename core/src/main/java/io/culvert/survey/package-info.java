/** Which tunnels a stream of packets shows, and how each of them fares. */
package io.culvert.survey;
