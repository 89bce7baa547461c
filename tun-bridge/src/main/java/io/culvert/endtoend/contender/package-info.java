/** What is compared: no tunnel, Culvert, the kernel's tunnels and other programs. */
package io.culvert.endtoend.contender;
