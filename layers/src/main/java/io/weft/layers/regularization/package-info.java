/**
 * Layers that disturb or penalize in training and pass their input on otherwise. Shapes stay, masks
 * pass.
 */
package io.weft.layers.regularization;
