/**
 * Maxima and averages over windows or whole axes. Shapes are written channels last; no weights, no
 * difference between training and inference, masks are dropped unless said otherwise.
 */
package io.weft.layers.pooling;
