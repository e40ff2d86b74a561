/** Functional and sequential models and their training. */
module io.weft.models {
  requires transitive io.weft.layers;

  exports io.weft.losses;
  exports io.weft.metrics;
  exports io.weft.models;
  exports io.weft.optimizers;
  exports io.weft.schedules;
  exports io.weft.training;

  provides io.weft.config.Catalogue with
      io.weft.models.ModelCatalogue;
}
