/** The layers of Keras, with initializers, activations, regularizers and constraints. */
module io.weft.layers {
  requires transitive io.weft.api;

  exports io.weft.activations;
  exports io.weft.constraints;
  exports io.weft.initializers;
  exports io.weft.layers.attention;
  exports io.weft.layers.core;
  exports io.weft.layers.normalization;
  exports io.weft.layers.regularization;
  exports io.weft.layers.rnn;
  exports io.weft.layers.wrapper;
  exports io.weft.layers.convolutional;
  exports io.weft.layers.pooling;
  exports io.weft.layers.reshaping;
  exports io.weft.layers.merging;
  exports io.weft.layers.preprocessing;
  exports io.weft.regularizers;

  provides io.weft.config.Catalogue with
      io.weft.layers.internal.LayersCatalogue;
}
