/** What tests of several packages share: captured packets, and how bytes are read and shown. */
package io.culvert.testing;
