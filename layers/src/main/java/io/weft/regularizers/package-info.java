/** Penalties on weights and outputs, as {@code keras.regularizers}. */
package io.weft.regularizers;
