/** Tensors, ops, graphs and gradients, and the contracts of layers, backends and file formats. */
module io.weft.api {
  exports io.weft.autodiff;
  exports io.weft.backend;
  exports io.weft.compile;
  exports io.weft.config;
  exports io.weft.control;
  exports io.weft.error;
  exports io.weft.fused;
  exports io.weft.format;
  exports io.weft.layer;
  exports io.weft.ops;
  exports io.weft.random;
  exports io.weft.tensor;

  uses io.weft.backend.BackendProvider;
  uses io.weft.config.Catalogue;
  uses io.weft.config.ConfigFormat;
  uses io.weft.format.ModelFormat;
}
