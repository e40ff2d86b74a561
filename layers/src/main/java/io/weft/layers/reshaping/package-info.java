/**
 * Layers that move elements and change shapes; no weights, nothing computed but interpolation.
 * Masks are dropped, as in Keras. Shapes are written channels last unless said otherwise.
 */
package io.weft.layers.reshaping;
