/**
 * Where packets live: a direct memory slab cut into slots, the batch that walks the pipeline, the
 * pool it comes from and the reasons for which a packet may end its way early.
 */
package io.culvert.packet;
