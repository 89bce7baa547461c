/** The command line: commands, help texts, signals and exit statuses. */
package io.culvert.cli;
