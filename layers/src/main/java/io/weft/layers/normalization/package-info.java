/**
 * Layers that bring activations to a common scale. Shapes stay; weights have the sizes of the
 * normalized axes and are read in their own dtype where the layer computes in half types.
 */
package io.weft.layers.normalization;
