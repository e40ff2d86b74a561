/** Losses with Keras' values, masks, weights, reductions and configs (keras-formats.md 6.5). */
package io.weft.losses;
