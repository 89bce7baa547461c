/** Packets from elsewhere: interfaces that are watched, files of packets, and libpcap's filters. */
package io.culvert.capture;
