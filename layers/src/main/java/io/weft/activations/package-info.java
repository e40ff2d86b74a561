/** The activation functions of {@code keras.activations}, written to configs by their names. */
package io.weft.activations;
