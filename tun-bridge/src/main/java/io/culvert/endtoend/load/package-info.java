/** What is sent through a tunnel, and how it is measured. */
package io.culvert.endtoend.load;
