/**
 * The Linux ABI as Java sees it: libc by JNA direct mapping, struct layouts, error numbers and the
 * memory that system calls work on. The only package that knows JNA.
 */
package io.culvert.linux;
