/** Layers that make one tensor of a list of tensors. No weights; batch sizes must agree. */
package io.weft.layers.merging;
