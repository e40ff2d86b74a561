/** Functional and sequential models and their training. */
module io.weft.models {
  requires transitive io.weft.layers;

  exports io.weft.models;

  provides io.weft.config.Catalogue with
      io.weft.models.ModelCatalogue;
}
