/** Tensors, ops, graphs and gradients, and the contracts of layers, backends and file formats. */
module io.weft.api {
  exports io.weft.config;
  exports io.weft.error;
  exports io.weft.tensor;
}
