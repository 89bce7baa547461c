/** The way of batches through Netty: the only package of the core that knows it. */
package io.culvert.pipeline;
