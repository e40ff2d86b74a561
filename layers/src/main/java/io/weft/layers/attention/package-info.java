/**
 * Attention layers: Keras' own, and the cross-attention building blocks of fusionlab. Shapes are
 * written (batch, steps, features); T is the length of the queries, S that of keys and values.
 * Masks are boolean, true = may attend.
 */
package io.weft.layers.attention;
