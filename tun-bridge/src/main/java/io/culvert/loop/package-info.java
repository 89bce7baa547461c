/** The bench without devices: the real pipeline, from encapsulation to decapsulation, in memory. */
package io.culvert.loop;
