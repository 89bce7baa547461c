/** What is seen of packets: counters, and later traces and latencies. */
package io.culvert.observe;
