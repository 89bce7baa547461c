/**
 * A host's packet filter as far as it decides about a tunnel's outer packets: nftables and iptables
 * rules are read into the same model, and one packet is led through it. What a rule asks that
 * cannot be known from outside is answered "maybe", and never guessed.
 */
package io.culvert.doctor.firewall;
