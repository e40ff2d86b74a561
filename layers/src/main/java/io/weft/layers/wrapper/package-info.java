/** Layers around another layer: in both directions of time, or at each step. */
package io.weft.layers.wrapper;
