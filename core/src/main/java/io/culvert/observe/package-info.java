/** What is seen of packets: counters, and files of packets that other tools read and write. */
package io.culvert.observe;
