/** Where packets come from and go to: TUN devices, raw sockets and what reports their errors. */
package io.culvert.device;
