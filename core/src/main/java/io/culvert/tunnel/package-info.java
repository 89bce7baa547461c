/**
 * What to do with packets: a tunnel's specification, its outer header, which tunnel takes a packet,
 * and what follows from ECN, path MTU, sequence numbers and ICMP errors.
 */
package io.culvert.tunnel;
