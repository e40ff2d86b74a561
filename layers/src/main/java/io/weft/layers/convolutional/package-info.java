/**
 * Convolutions. Shapes are written channels last, (batch, spatial…, channels); with {@code
 * data_format="channels_first"} inputs and outputs are (batch, channels, spatial…), weights stay as
 * they are. Masks are dropped, as in Keras.
 */
package io.weft.layers.convolutional;
